import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis({
  // Not here: what takes its Redis away or stands a proxy before it, and parley.v1, whose suites run on both by themselves.
  cluster: [
    'auth',
    'death',
    'departure',
    'door',
    'drain',
    'expiry',
    'fuzz',
    'held',
    'is-a-dead-instance-found-in-all-its-rooms',
    'life',
    'limits',
    'model',
    'model-kill',
    'presence',
    'relay',
    'subscriptions',
    'workers',
  ],
  // Once a Sentinel has named the master, it is one Redis like any other: these show that both connections of an instance
  // find it, the one for commands and the one for subscriptions. Its failover is in packages/testkit/e2e/faults.
  sentinel: ['held', 'presence', 'relay'],
});
