import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis([
  'events',
  'idempotency',
  'life',
  'overview',
  'public-rooms',
  'rooms',
  'slots',
  'users',
]);
