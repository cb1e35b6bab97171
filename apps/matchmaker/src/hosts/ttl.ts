import { hostTtl } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import type { Route, Guard } from '@parley/runtime';
import { hostListRoute } from './page.js';

/** `GET /api/hosts/ttl` (contract §2): how long each living host still counts as alive, in seconds. */
export function listTtlsRoute(pool: PoolStore, guard: Guard): Route {
  const list = {
    path: '/api/hosts/ttl',
    summary: 'Time to live of each living host; a plain array, or pages with `limit` and `cursor`',
    shown: hostTtl,
    show: ({ hostId, ttlMs }) => ({
      hostId,
      ttlSeconds: Math.ceil(ttlMs / 1_000),
    }),
  } satisfies Parameters<typeof hostListRoute<typeof hostTtl>>[0];
  return hostListRoute(list, pool, guard);
}
