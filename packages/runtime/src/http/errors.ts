import { RedisUnavailableError } from '@parley/redis-scripts';
import { problemReply, type Reply } from './reply.js';

/** Seconds after which a client may try again when Redis was away; reconnecting takes at most about as long. */
const RETRY_AFTER_SECONDS = '2';

/**
 * Turn anything thrown into an answer. What the client is told and what is logged are two things.
 * @returns the answer, and whether the error is a defect of ours that belongs in the log
 */
export function errorReply(error: unknown): { answer: Reply; isDefect: boolean } {
  const older = (text: string) => ({ older: { success: false, error: text } });
  if (error instanceof RedisUnavailableError) {
    const detail = 'The service cannot reach its store right now; try again shortly.';
    const headers = { 'Retry-After': RETRY_AFTER_SECONDS };
    return {
      answer: problemReply('redis_unavailable', detail, { ...older(detail), headers }),
      isDefect: false,
    };
  }
  const detail = 'Something unexpected went wrong; the request id names it in our log.';
  return { answer: problemReply('internal', detail, older('Internal error')), isDefect: true };
}
