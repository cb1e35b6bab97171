import { uniqueId } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import type { Allocation } from '../src/index.js';
import { report, STREAMING, usePools } from './pool-support.js';

const pools = usePools();
const REGIONS = ['eu', 'us', 'ap'];
const regionOf = (at: number) => REGIONS[at % REGIONS.length] ?? 'eu';

const isLeased = (result: { outcome: string }): result is Allocation => result.outcome === 'leased';

describe('many clients at once', () => {
  it('64 of them share out 400 slots of hosts that always say idle: 400 matches, no host over its capacity (P1)', async () => {
    const pool = await pools();
    const hosts = Array.from({ length: 200 }, (_, at) =>
      report({ capacity: at % 2 === 0 ? 1 : 3, region: regionOf(at) }),
    );
    await Promise.all(hosts.map((host) => pool.heartbeat(host)));
    const slots = hosts.reduce((sum, { capacity }) => sum + capacity, 0);
    const leases: Allocation[] = [];
    let refused = 0;
    const client = async () => {
      for (let asks = 0; asks < 10; asks++) {
        const result = await pool.allocate(STREAMING);
        if (isLeased(result)) leases.push(result);
        else refused++;
        await pool.heartbeat(hosts[(asks * 64) % hosts.length] ?? report());
      }
    };
    await Promise.all(Array.from({ length: 64 }, client));
    expect(leases).toHaveLength(Math.min(slots, 640));
    expect(refused).toBe(640 - leases.length);
    for (const { hostId, capacity } of hosts) {
      expect(leases.filter((lease) => lease.hostId === hostId).length).toBeLessThanOrEqual(capacity);
    }
  });

  it.each([
    ['in all regions', undefined],
    ['in regions in order', REGIONS],
  ] as const)('never more than there are slots, %s: none is ever refused (P4)', async (_where, regions) => {
    const pool = await pools();
    await Promise.all(REGIONS.map((region) => pool.heartbeat(report({ region, capacity: 4 }))));
    let refused = 0;
    const client = async () => {
      for (let asks = 0; asks < 40; asks++) {
        const result = await pool.allocate({ ...STREAMING, regions });
        if (isLeased(result)) await pool.release(result);
        else refused++;
      }
    };
    await Promise.all(Array.from({ length: 12 }, client));
    expect(refused).toBe(0);
  });

  it('of whom each is a party get all their seats on one host, or none (P5)', async () => {
    const pool = await pools();
    const region = uniqueId('region');
    const capacities = [5, 4, 3, 7];
    for (const capacity of capacities) await pool.heartbeat(report({ region, capacity }));
    const asks = Array.from({ length: 40 }, () =>
      pool.allocate({ ...STREAMING, seats: 3, strategy: 'packed' }),
    );
    const parties = (await Promise.all(asks)).filter(isLeased);
    expect(parties).toHaveLength(capacities.reduce((sum, slots) => sum + Math.floor(slots / 3), 0));
    const page = await pool.listHosts({ limit: 10 });
    expect(page?.hosts.map(({ free, capacity }) => capacity - free).every((used) => used % 3 === 0)).toBe(
      true,
    );
  });

  it('and their slots given back and taken up by others at once are never counted twice', async () => {
    const pool = await pools();
    const host = report({ capacity: 5 });
    await pool.heartbeat(host);
    let held = 0;
    let most = 0;
    const client = async () => {
      for (let asks = 0; asks < 40; asks++) {
        const result = await pool.allocate(STREAMING);
        if (!isLeased(result)) continue;
        most = Math.max(most, ++held);
        await pool.heartbeat(host);
        held--;
        expect(await Promise.all([pool.release(result), pool.release(result)])).toContain(true);
      }
    };
    await Promise.all(Array.from({ length: 20 }, client));
    expect(most).toBeLessThanOrEqual(5);
    const page = await pool.listHosts({ limit: 1 });
    expect(page?.hosts).toMatchObject([{ free: 5, leases: 0 }]);
  });
});
