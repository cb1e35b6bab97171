import { problemReply, type Reply } from '@parley/runtime';

/** The answer for a host that is not in the pool (any more). */
export function hostNotFound(): Reply {
  const detail =
    'There is no such host: it never sent a heartbeat, it was silent for too long, or it said goodbye.';
  return problemReply('host_not_found', detail, { older: { success: false, error: detail } });
}
