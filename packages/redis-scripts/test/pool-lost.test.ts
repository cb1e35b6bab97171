import { describe, expect, it } from 'vitest';
import { PoolReaper, PoolStore, ProvisionStore } from '../src/index.js';
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

  it('is told of by one that knew the region to all: also to hosts that registered with one that did not', async () => {
    const { redis, pools, lose } = await twoPools();
    const [early, first, late] = [report({ capacity: 2 }), report(), report()];
    for (const host of [early, first, late]) await pools[0].heartbeat(host);
    await new Promise((resolve) => setTimeout(resolve, 150));

    await lose();
    const lostAt = performance.now();
    const fresh = new PoolStore(redis, times);
    const provision = new ProvisionStore(redis, 1_000);
    await fresh.heartbeat(early);
    await pools[0].heartbeat(first);
    await fresh.heartbeat(late);
    for (const host of [early, first, late]) await fresh.heartbeat(host);
    expect(await find(fresh)).toBe('none');
    const seen = await provision.look(early.region);
    expect(seen).toMatchObject({ hosts: 3, isUnsettled: true });
    expect(seen.free).toMatchObject({ streaming: 0 });
    await expect.poll(() => find(fresh), { interval: 10 }).toBe('leased');
    expect(performance.now() - lostAt).toBeGreaterThanOrEqual(LEASE_MS - 50);
    for (let slot = 1; slot < 4; slot += 1) expect(await find(fresh)).toBe('leased');
    expect(await find(fresh)).toBe('none');
    expect((await provision.look(early.region)).isUnsettled).toBe(false);
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
