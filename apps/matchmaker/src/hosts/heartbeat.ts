import type { MatchmakerConfig } from '@parley/config';
import { heartbeatBody } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import { reply, route, type Route } from '@parley/runtime';
import type { Guard } from '../guard.js';

/** `POST /api/host/heartbeat` (contract §2): register, stay alive, tell how one is. `ttl` is in seconds. */
export function heartbeatRoute(
  pool: PoolStore,
  guard: Guard,
  { HOST_TTL_SECONDS }: Pick<MatchmakerConfig, 'HOST_TTL_SECONDS'>,
): Route {
  return route({
    method: 'POST',
    path: '/api/host/heartbeat',
    guard,
    body: heartbeatBody,
    async handle({ body }) {
      await pool.heartbeat(body);
      return reply(200, { success: true, ttl: HOST_TTL_SECONDS });
    },
  });
}
