import type { PoolStore } from '@parley/redis-scripts';
import type { Route } from '@parley/runtime';
import type { Guard } from '../guard.js';
import { hostListRoute } from './page.js';

/** `GET /api/hosts` (contract §2): the living hosts, and what of them can be promised now. */
export function listHostsRoute(pool: PoolStore, guard: Guard): Route {
  return hostListRoute('/api/hosts', pool, guard, ({ expiresAtMs: _, ...host }) => host);
}
