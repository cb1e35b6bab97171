import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { PoolStore, type Presence } from '../src/index.js';
import { intercept, report, STREAMING, useConnection } from './pool-support.js';

const connect = useConnection();
const TIMES = { HOST_TTL_SECONDS: 2, LEASE_TTL_SECONDS: 30 };
const STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const bindHost = (roomId: string, host: { region: string; hostId: string }): Promise<Presence> =>
  Promise.resolve({ ...host, roomId, version: 1, members: [] });

/** A matchmaker that is killed before its n-th command. */
async function killedBefore(step: number) {
  const redis = await connect();
  let steps = 0;
  const dying = intercept(redis, () => {
    if (++steps >= step) throw new Error('killed');
  });
  return {
    killed: new PoolStore(dying, TIMES, { bindHost }),
    other: new PoolStore(redis, TIMES, { bindHost }),
  };
}

const slots = async (pool: PoolStore) => {
  const page = await pool.listHosts({ limit: 10 });
  return (page?.hosts ?? []).map(({ region, free, leases }) => ({ region, free, leases }));
};

describe('a matchmaker that is killed in the middle of', () => {
  it.each(STEPS)('a registration (step %d): the next heartbeat finishes it', async (step) => {
    const { killed, other } = await killedBefore(step);
    const host = report();
    await killed.heartbeat(host).catch(() => undefined);
    await other.heartbeat(host);
    await other.heartbeat(host);
    expect(await slots(other)).toEqual([{ region: 'eu', free: 1, leases: 0 }]);
    expect((await other.allocate({ ...STREAMING, hostId: host.hostId })).outcome).toBe('leased');
    expect((await other.allocate(STREAMING)).outcome).toBe('none');
  });

  it.each(STEPS)(
    'a move (step %d): no slot counts twice, no lease is forgotten, one place is left',
    async (step) => {
      const { killed, other } = await killedBefore(step);
      const host = report({ capacity: 2 });
      await other.heartbeat(host);
      await other.allocate(STREAMING);
      const moved = { ...host, region: 'us' };
      await killed.heartbeat(moved).catch(() => undefined);
      const after = await slots(other);
      expect(after.reduce((sum, { free }) => sum + free, 0)).toBeLessThanOrEqual(1);
      await other.heartbeat(moved);
      const leases = [await other.allocate(STREAMING), await other.allocate(STREAMING)];
      expect(leases.map(({ outcome }) => outcome)).toEqual(['leased', 'none']);
      await waitFor(async () => {
        await other.heartbeat(moved);
        return (await slots(other)).length === 1;
      }, 'it is in one place only');
      expect(await slots(other)).toEqual([{ region: 'us', free: 0, leases: 2 }]);
    },
  );
});
