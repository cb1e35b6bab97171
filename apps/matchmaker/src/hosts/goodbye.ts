import type { PoolStore } from '@parley/redis-scripts';
import { reply, type Route } from '@parley/runtime';
import type { Guard } from '../guard.js';
import { hostNotFound } from './not-found.js';

/** `DELETE /api/host/:hostId` (contract §2): a host leaves, and is handed out no more from this moment on. */
export function goodbyeRoute(pool: PoolStore, guard: Guard): Route {
  return {
    method: 'DELETE',
    path: '/api/host/:hostId',
    async handle(request) {
      const refused = guard(request);
      if (refused) return refused;
      const removed = await pool.removeHost(request.params['hostId'] ?? '');
      return removed ? reply(200, { success: true }) : hostNotFound();
    },
  };
}
