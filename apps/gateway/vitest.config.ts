import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis([
  'access',
  'edge',
  'event-streams',
  'events',
  'hostile-input',
  'idempotency',
  'kill-create',
  'kill-matchmakers',
  'kill-migration',
  'kill-room-calls',
  'life',
  'moving',
  'overview',
  'public-rooms',
  'retry-after-kill',
  'rooms',
  'slots',
  'users',
]);
