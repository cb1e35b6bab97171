import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis({
  // Not here: what is decided before Redis is asked (auth, door), and how long keys live, which is no matter of slots.
  cluster: [
    'death',
    'departure',
    'held',
    'life',
    'limits',
    'model',
    'model-kill',
    'presence',
    'relay',
    'subscriptions',
  ],
  // Once a Sentinel has named the master, it is one Redis like any other: these show that both connections of an instance
  // find it, the one for commands and the one for subscriptions. Its failover is in packages/testkit/e2e/faults.
  sentinel: ['held', 'presence', 'relay'],
});
