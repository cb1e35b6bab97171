import { RedisUnavailableError } from '@parley/redis-scripts';
import { problemReply, type Reply } from './reply.js';

/** Seconds after which a client may try again when Redis was away; reconnecting takes at most about as long. */
const RETRY_AFTER_SECONDS = '2';

/** What express and its body parser (http-errors) add to an error. */
interface HttpError extends Error {
  readonly status?: number;
  readonly type?: string;
}

/**
 * Turn anything thrown into an answer. What the client is told and what is logged are two things: only what concerns
 * the request itself is repeated.
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
  const { status = 500, type, message } = error as HttpError;
  if (type === 'entity.too.large') {
    return { answer: problemReply('body_too_large', message, older(message)), isDefect: false };
  }
  if (status === 415)
    return { answer: problemReply('unsupported_media', message, older(message)), isDefect: false };
  if (status >= 400 && status < 500) {
    return { answer: problemReply('malformed_body', message, older('Malformed request')), isDefect: false };
  }
  const detail = 'Something unexpected went wrong; the request id names it in our log.';
  return { answer: problemReply('internal', detail, older('Internal error')), isDefect: true };
}
