import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis([
  'auth',
  'death',
  'departure',
  'door',
  'expiry',
  'held',
  'life',
  'limits',
  'model',
  'model-kill',
  'presence',
  'relay',
  'subscriptions',
]);
