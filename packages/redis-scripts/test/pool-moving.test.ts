import { describe, expect, it } from 'vitest';
import { PoolStore, type RedisConnection } from '../src/index.js';
import { intercept, report, useConnection } from './pool-support.js';

const connect = useConnection();
const TIMES = { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 };
const GAME = { kinds: ['game'] } as const;
const server = () => report({ address: '192.0.2.1:7777' });
const STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A matchmaker that stops before its n-th command until it is told to go on, or for good. */
function stoppedBefore(redis: RedisConnection, step: number) {
  let goOn = (): void => {};
  let reached = (): void => {};
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  const isTold = new Promise<void>((resolve) => (goOn = resolve));
  let steps = 0;
  const slow = intercept(redis, async () => {
    if (++steps < step) return;
    reached();
    await isTold;
  });
  return { pool: new PoolStore(slow, TIMES), isReached, goOn: () => goOn() };
}

async function slotsGiven(pool: PoolStore, asks = 4): Promise<number> {
  const results = [];
  for (let at = 0; at < asks; at++) results.push(await pool.allocate(GAME));
  return results.filter(({ outcome }) => outcome === 'leased').length;
}

describe('a host whose move stops half-way', () => {
  it.each(STEPS)('at step %d, while it moves elsewhere, gives its one slot once (P1)', async (step) => {
    const redis = await connect();
    const other = new PoolStore(redis, TIMES);
    const host = server();
    await other.heartbeat({ ...host, region: 'eu' });
    const slow = stoppedBefore(redis, step);
    const moving = slow.pool.heartbeat({ ...host, region: 'us' });
    await Promise.race([slow.isReached, moving]);
    await other.heartbeat({ ...host, region: 'ap' });
    let given = await slotsGiven(other);
    expect(given).toBe(1);
    slow.goOn();
    await moving;
    given += await slotsGiven(other);
    for (const region of ['ap', 'us', 'eu']) {
      await other.heartbeat({ ...host, region });
      given += await slotsGiven(other);
    }
    expect(given).toBe(1);
    expect((await other.listHosts({ limit: 9 }))?.hosts).toMatchObject([
      { region: 'eu', leases: 1, free: 0 },
    ]);
  });

  it.each(STEPS)(
    'at step %d for good, and is back where it was, gives its one slot once (P1)',
    async (step) => {
      const redis = await connect();
      const other = new PoolStore(redis, TIMES);
      const host = server();
      await other.heartbeat({ ...host, region: 'eu' });
      const killed = stoppedBefore(redis, step);
      const moving = killed.pool.heartbeat({ ...host, region: 'us' });
      await Promise.race([killed.isReached, moving]);
      await other.heartbeat({ ...host, region: 'eu' });
      expect((await other.allocate({ ...GAME, hostId: host.hostId })).outcome).toBe('leased');
      expect(await slotsGiven(other)).toBe(0);
      await other.heartbeat({ ...host, region: 'eu' });
      expect(await other.removeHost(host.hostId)).toBe(true);
      expect((await other.listHosts({ limit: 9 }))?.hosts).toEqual([]);
    },
  );
});

it('a host whose last claim was lost with Redis, on a clock that ran ahead, is back with its second heartbeat', async () => {
  const redis = await connect();
  const pool = new PoolStore(redis, TIMES);
  const host = server();
  const ahead = String((Date.now() + 600_000) * 1_000);
  const key = redis.keys.pool.claim(host.region, host.hostId);
  await redis.command('set', (client) => client.set(key, ahead));
  await pool.heartbeat(host);
  await pool.heartbeat(host);
  expect(await slotsGiven(pool)).toBe(1);
  await pool.heartbeat({ ...host, region: 'us' });
  expect((await pool.listHosts({ limit: 9 }))?.hosts).toMatchObject([{ region: 'us', leases: 1, free: 0 }]);
});
