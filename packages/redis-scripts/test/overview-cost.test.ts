import { expect, it } from 'vitest';
import { OverviewStore, PoolStore, type RedisConnection } from '../src/index.js';
import { commandStats, resetStats } from './command-stats.js';
import { report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();
const READS = 40;
const AT_ONCE = 500;

/** A region of so many hosts, a tenth of them with a party's lease. */
async function regionOf(size: number): Promise<RedisConnection> {
  const redis = await connect();
  const pool = new PoolStore(redis, { HOST_TTL_SECONDS: 300, LEASE_TTL_SECONDS: 300 });
  const hosts = Array.from({ length: size }, (_, at) => report({ hostId: `host-${at}`, capacity: 4 }));
  for (let at = 0; at < size; at += AT_ONCE) {
    await Promise.all(hosts.slice(at, at + AT_ONCE).map((host) => pool.heartbeat(host)));
  }
  for (let i = 0; i < size / 10; i++) await pool.allocate({ ...STREAMING, regions: ['eu'], seats: 3 });
  return redis;
}

/** What reading the overview makes Redis do: which commands, and the shortest time of some tries (µs). */
async function costOf(redis: RedisConnection) {
  const overview = new OverviewStore(redis);
  await overview.read();
  const tries = [];
  for (let i = 0; i < 7; i++) {
    await resetStats(redis);
    for (let read = 0; read < READS; read++) await overview.read();
    tries.push(await commandStats(redis));
  }
  const [first] = tries;
  return { calls: first?.calls, us: Math.min(...tries.map(({ scriptsUs }) => scriptsUs)) };
}

it('the overview costs as much with 10,000 hosts as with 100, in commands and in time', async () => {
  const [few, many] = [await regionOf(100), await regionOf(10_000)];
  expect(await new OverviewStore(many).read()).toMatchObject({
    regions: [{ region: 'eu', hosts: 10_000, leased: 3_000, free: { streaming: 37_000, game: 0 } }],
  });
  const [small, large] = [await costOf(few), await costOf(many)];
  expect(large.calls).toEqual(small.calls);
  expect(Object.values(small.calls ?? {}).reduce((sum, calls) => sum + calls, 0)).toBeLessThan(25 * READS);
  // Looking at hosts would take a hundred times as long.
  expect(large.us).toBeLessThan(3 * small.us);
}, 60_000);
