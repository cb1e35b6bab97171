import { successAnswer } from '@parley/protocol';
import type { HostRooms, PoolStore } from '@parley/redis-scripts';
import { reply, type Route, type Guard } from '@parley/runtime';
import { hostNotFound } from './not-found.js';

/** `DELETE /api/host/:hostId` (contract §2): a host leaves; it is handed out no more, and its rooms move. */
export function goodbyeRoute(pool: PoolStore, rooms: HostRooms, guard: Guard): Route {
  return {
    method: 'DELETE',
    path: '/api/host/:hostId',
    docs: {
      summary: 'Leave the pool',
      answer: successAnswer,
      bearer: 'HOST_SECRET',
      problems: ['unauthorized', 'forbidden', 'host_not_found'],
    },
    async handle(request) {
      const refused = guard(request);
      if (refused) return refused;
      const hostId = request.params['hostId'] ?? '';
      const removed = await pool.removeHost(hostId);
      await rooms.goodbye(hostId);
      return removed ? reply(200, { success: true }) : hostNotFound();
    },
  };
}
