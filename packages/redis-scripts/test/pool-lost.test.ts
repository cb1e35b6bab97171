import { describe, expect, it } from 'vitest';
import { PoolReaper, PoolStore } from '../src/index.js';
import { report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();
const LEASE_MS = 400;
const times = { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: LEASE_MS / 1_000 };

/** Two matchmakers' pools on one Redis, and a way for that to lose its memory. */
async function twoPools() {
  const redis = await connect();
  const pools = [new PoolStore(redis, times), new PoolStore(redis, times)] as const;
  const lose = () =>
    redis.command('lose', async (client) => {
      const nodes = 'nodes' in client ? client.nodes('master') : [client];
      await Promise.all(nodes.map((node) => node.flushall()));
    });
  return { redis, pools, lose };
}

const find = async (pool: PoolStore) => (await pool.allocate(STREAMING)).outcome;

describe('a Redis that has lost its memory', () => {
  it('hands no slot out until the leases that it has lost are over, and all of them then', async () => {
    const { pools, lose } = await twoPools();
    const hosts = [report(), report({ capacity: 3 })];
    const beat = async (pool: PoolStore) => Promise.all(hosts.map((host) => pool.heartbeat(host)));
    await beat(pools[0]);
    await beat(pools[1]);
    for (let slot = 0; slot < 4; slot += 1) expect(await find(pools[0])).toBe('leased');
    await new Promise((resolve) => setTimeout(resolve, 150));

    await lose();
    const lostAt = performance.now();
    await beat(pools[1]);
    expect(await find(pools[0])).toBe('none');
    await beat(pools[0]);
    expect(await find(pools[1])).toBe('none');
    await expect.poll(() => find(pools[1]), { interval: 10 }).toBe('leased');
    expect(performance.now() - lostAt).toBeGreaterThanOrEqual(LEASE_MS - 50);
    for (let slot = 1; slot < 4; slot += 1) expect(await find(pools[0])).toBe('leased');
    expect(await find(pools[0])).toBe('none');
  });

  it('is told from one that was empty before, and from a region whose last host had left', async () => {
    const { redis, pools } = await twoPools();
    const first = report();
    await pools[0].heartbeat(first);
    expect(await find(pools[0])).toBe('leased');

    await pools[0].removeHost(first.hostId);
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    expect((await new PoolReaper(redis, 1_000).round()).outcome).toBe('led');
    await pools[0].heartbeat(report());
    expect(await find(pools[0])).toBe('leased');
  });
});
