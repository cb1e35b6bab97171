import type { RoomAnswer, SeenRoomAnswer } from '@parley/protocol';
import type { Room } from '@parley/redis-scripts';
import { reply, type Reply } from '@parley/runtime';

/** Seconds after which a room that is moving should be asked for again: a free slot elsewhere is found within two. */
const RETRY_AFTER_SECONDS = '1';

/** The answer for a room that is there: where it is, or that it moves and when to ask again (contract §3). */
export function roomReply(room: Room, answer: RoomAnswer | SeenRoomAnswer): Reply {
  const headers = room.state === 'migrating' ? { 'Retry-After': RETRY_AFTER_SECONDS } : undefined;
  return reply(200, answer, headers);
}
