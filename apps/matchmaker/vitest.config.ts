import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis({
  // Not here: what tokens say, which Redis has no part in.
  cluster: ['api', 'concurrency', 'hosts', 'rooms', 'sessions'],
  // Once a Sentinel has named the master, it is one Redis like any other. Its failover is in packages/testkit/e2e/faults.
  sentinel: ['api', 'concurrency', 'rooms'],
});
