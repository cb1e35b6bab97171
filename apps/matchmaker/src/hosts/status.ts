import { hostStatusBody, successAnswer } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import { reply, route, type Route, type Guard } from '@parley/runtime';
import { hostNotFound } from './not-found.js';

/** `POST /api/host/status` (contract §2): takes effect at once, and holds until the next heartbeat. */
export function statusRoute(pool: PoolStore, guard: Guard): Route {
  return route({
    method: 'POST',
    path: '/api/host/status',
    guard,
    body: hostStatusBody,
    docs: {
      summary: 'Change the status until the next heartbeat',
      answer: successAnswer,
      bearer: 'HOST_SECRET',
      problems: ['unauthorized', 'forbidden', 'host_not_found'],
    },
    async handle({ body: { hostId, status } }) {
      return (await pool.setStatus(hostId, status)) ? reply(200, { success: true }) : hostNotFound();
    },
  });
}
