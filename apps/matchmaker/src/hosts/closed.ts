import { roomClosedBody, successAnswer } from '@parley/protocol';
import type { HostRooms } from '@parley/redis-scripts';
import { problemReply, reply, route, type Route, type Guard } from '@parley/runtime';

/** `POST /api/host/rooms/:roomId/closed` (contract §2): a host's room is over, before its next heartbeat says so. */
export function closedRoute(rooms: HostRooms, guard: Guard): Route {
  return route({
    method: 'POST',
    path: '/api/host/rooms/:roomId/closed',
    guard,
    body: roomClosedBody,
    docs: {
      summary: 'Tell that a room is over',
      answer: successAnswer,
      bearer: 'HOST_SECRET',
      problems: ['unauthorized', 'forbidden', 'room_not_found'],
    },
    async handle({ params, body }) {
      if (await rooms.closed(params['roomId'] ?? '', body.hostId)) return reply(200, { success: true });
      const detail = "There is no such room (any more), or it is another host's.";
      return problemReply('room_not_found', detail, { older: { success: false, error: detail } });
    },
  });
}
