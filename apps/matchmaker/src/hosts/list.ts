import { listedHost } from '@parley/protocol';
import type { PoolStore } from '@parley/redis-scripts';
import type { Route, Guard } from '@parley/runtime';
import { hostListRoute } from './page.js';

/** `GET /api/hosts` (contract §2): the living hosts, and what of them can be promised now. */
export function listHostsRoute(pool: PoolStore, guard: Guard): Route {
  const list = {
    path: '/api/hosts',
    summary: 'Living hosts; a plain array, or pages with `limit` and `cursor`',
    shown: listedHost,
    show: ({ expiresAtMs, ttlMs: _ttlMs, ...host }) => ({ ...host, expiresAt: expiresAtMs }),
  } satisfies Parameters<typeof hostListRoute<typeof listedHost>>[0];
  return hostListRoute(list, pool, guard);
}
