import type { PoolStore } from '@parley/redis-scripts';
import type { Route } from '@parley/runtime';
import type { Guard } from '../guard.js';
import { hostListRoute } from './page.js';

/** `GET /api/hosts/ttl` (contract §2): how long each living host still counts as alive, in seconds. */
export function listTtlsRoute(pool: PoolStore, guard: Guard): Route {
  return hostListRoute('/api/hosts/ttl', pool, guard, ({ hostId, expiresAtMs }) => ({
    hostId,
    ttlSeconds: Math.max(0, Math.ceil((expiresAtMs - Date.now()) / 1_000)),
  }));
}
