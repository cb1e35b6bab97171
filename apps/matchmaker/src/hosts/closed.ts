import { successAnswer } from '@parley/protocol';
import type { HostRooms } from '@parley/redis-scripts';
import { problemReply, reply, type Route } from '@parley/runtime';
import type { Guard } from '../guard.js';

/** `POST /api/host/rooms/:roomId/closed` (contract §2): a host's room is over, before its next heartbeat says so. */
export function closedRoute(rooms: HostRooms, guard: Guard): Route {
  return {
    method: 'POST',
    path: '/api/host/rooms/:roomId/closed',
    docs: {
      summary: 'Tell that a room is over',
      answer: successAnswer,
      bearer: 'HOST_SECRET',
      problems: ['unauthorized', 'forbidden', 'room_not_found'],
    },
    async handle(request) {
      const refused = guard(request);
      if (refused) return refused;
      if (await rooms.closed(request.params['roomId'] ?? '')) return reply(200, { success: true });
      const detail = 'There is no such room (any more).';
      return problemReply('room_not_found', detail, { older: { success: false, error: detail } });
    },
  };
}
