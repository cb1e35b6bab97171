import { describe, expect, it } from 'vitest';
import { PoolStore } from '../src/index.js';
import { commandStats, resetStats } from './command-stats.js';
import { report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();

/** What one operation makes Redis do, in a region of `size` hosts. */
async function cost(size: number, operation: (pool: PoolStore) => Promise<unknown>) {
  const redis = await connect();
  const pool = new PoolStore(redis, { HOST_TTL_SECONDS: 300, LEASE_TTL_SECONDS: 300 });
  const hosts = Array.from({ length: size }, (_, at) => report({ hostId: `host-${at}`, capacity: 10 }));
  for (let at = 0; at < size; at += 500) {
    await Promise.all(hosts.slice(at, at + 500).map((host) => pool.heartbeat(host)));
  }
  await operation(pool);
  await resetStats(redis);
  await operation(pool);
  return (await commandStats(redis)).calls;
}

const REGION = { regions: ['eu'] };

describe('one operation is one round trip, and does not look at the pool (P7)', () => {
  it.each([
    ['a match', (pool: PoolStore) => pool.allocate({ ...STREAMING, ...REGION })],
    ['a packed match', (pool: PoolStore) => pool.allocate({ ...STREAMING, ...REGION, strategy: 'packed' })],
    ['a random match', (pool: PoolStore) => pool.allocate({ ...STREAMING, ...REGION, strategy: 'random' })],
    ["a party's match", (pool: PoolStore) => pool.allocate({ ...STREAMING, ...REGION, seats: 2 })],
    ['a heartbeat', (pool: PoolStore) => pool.heartbeat(report({ hostId: 'host-0', capacity: 10 }))],
  ] as const)('%s', async (_what, operation) => {
    const small = await cost(10, operation);
    expect(small['evalsha']).toBe(1);
    const commands = Object.values(small).reduce((sum, calls) => sum + calls, 0);
    expect(commands).toBeLessThan(20);
    expect(await cost(3_000, operation)).toEqual(small);
  });

  it('a match in any region, where the regions are known', async () => {
    const counts = await cost(10, (pool) => pool.allocate(STREAMING));
    expect(counts['evalsha']).toBe(1);
    expect(counts['hmget']).toBeUndefined();
  });
});
