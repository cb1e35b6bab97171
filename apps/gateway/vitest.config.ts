import { onAnyRedis } from '../../vitest.on-any-redis.js';

export default onAnyRedis({
  // Not here: what is decided before Redis is asked (access, edge, hostile-input, users), and the other killed processes:
  // those of kill-create and kill-migration die after every step that touches more than one slot.
  cluster: [
    'event-streams',
    'events',
    'idempotency',
    'kill-create',
    'kill-migration',
    'life',
    'lost-rooms',
    'moving',
    'overview',
    'public-rooms',
    'rooms',
    'slots',
  ],
  // Once a Sentinel has named the master, it is one Redis like any other: these show that all scripts, the streams and the
  // messages to rooms of hosts reach it. Its failover is in packages/testkit/e2e/faults.
  sentinel: ['moving', 'rooms'],
});
