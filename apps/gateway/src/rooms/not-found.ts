import { problemReply, type Reply } from '@parley/runtime';

/** The answer for a room that is not there (any more). */
export function roomNotFound(): Reply {
  const detail = 'There is no such room: it never was, it was deleted, or its time is over.';
  return problemReply('room_not_found', detail, { older: { success: false, error: detail } });
}
