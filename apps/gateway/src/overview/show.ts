import { overviewAnswer } from '@parley/protocol';
import type { OverviewStore } from '@parley/redis-scripts';
import { reply, type Guard, type Route } from '@parley/runtime';
import { overviewOf } from './answer.js';

/** `GET /api/overview`: everything in numbers, for operators; no pool is read for it. */
export function showOverviewRoute(store: OverviewStore, guard: Guard): Route {
  return {
    method: 'GET',
    path: '/api/overview',
    docs: {
      summary: 'Hosts, slots, rooms and members in numbers',
      answer: overviewAnswer,
      bearer: 'ADMIN_TOKEN',
      problems: ['unauthorized', 'forbidden'],
    },
    async handle(request) {
      return guard(request) ?? reply(200, await overviewOf(store), { 'Cache-Control': 'no-store' });
    },
  };
}
