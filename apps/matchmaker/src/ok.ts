import { reply, type Route } from '@parley/runtime';

/** `GET /` and `GET /health` → `ok` (contract §2): what older probes ask. */
export const okRoutes: readonly Route[] = ['/', '/health'].map((path) => ({
  method: 'GET',
  path,
  handle: () => reply(200, 'ok'),
}));
