import { uniqueId, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import type { AllocationRequest, PoolStore } from '../src/index.js';
import { report, STREAMING, usePools } from './pool-support.js';

const pools = usePools();

/** Who is chosen, time after time. */
async function chosen(pool: PoolStore, times: number, wish: Partial<AllocationRequest> = {}) {
  const hosts: string[] = [];
  for (let time = 0; time < times; time++) {
    const lease = await pool.allocate({ ...STREAMING, ...wish });
    hosts.push(lease.outcome === 'leased' ? lease.hostId : 'none');
  }
  return hosts;
}

/** A pool of hosts, as `name: [capacity, slots free]`, registered in this order. */
async function poolOf(hosts: Record<string, [capacity: number, availableSlots: number]>) {
  const pool = await pools();
  for (const [hostId, [capacity, availableSlots]] of Object.entries(hosts)) {
    await pool.heartbeat(report({ hostId, capacity, availableSlots }));
  }
  return pool;
}

/** Turns are told apart by the millisecond. */
async function nextMillisecond() {
  const from = Date.now();
  await waitFor(() => Date.now() > from + 1, 'time passes');
}

describe('least-loaded', () => {
  it('takes the host with the smallest part of its slots in use', async () => {
    const pool = await poolOf({ half: [10, 5], full: [4, 0], quarter: [4, 3], third: [3, 2] });
    expect(await chosen(pool, 3)).toEqual(['quarter', 'third', 'half']);
  });

  it('takes turns among equals, so that one bad host is not picked for ever', async () => {
    const pool = await poolOf({ a: [1, 1], b: [1, 1], c: [1, 1] });
    await nextMillisecond();
    const turns: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const lease = await pool.allocate(STREAMING);
      if (lease.outcome !== 'leased') throw new Error('no slot');
      turns.push(lease.hostId);
      await pool.release(lease);
      await nextMillisecond();
    }
    expect(new Set(turns.slice(0, 3)).size).toBe(3);
    expect(turns.slice(3)).toEqual(turns.slice(0, 3));
  });

  it('takes the host with the most free slots for a party', async () => {
    const pool = await poolOf({ empty: [2, 2], big: [10, 6] });
    expect(await chosen(pool, 1, { seats: 2 })).toEqual(['big']);
  });
});

describe('packed', () => {
  it('takes the host with the fewest free slots that still fit', async () => {
    const pool = await poolOf({ many: [10, 8], few: [10, 2], middle: [10, 4] });
    expect(await chosen(pool, 5, { strategy: 'packed' })).toEqual([
      'few',
      'few',
      'middle',
      'middle',
      'middle',
    ]);
    expect(await chosen(pool, 1, { strategy: 'packed', seats: 3 })).toEqual(['many']);
  });

  it('takes turns among equals', async () => {
    const pool = await poolOf({ a: [1, 1], b: [1, 1] });
    await nextMillisecond();
    const first = await pool.allocate({ ...STREAMING, strategy: 'packed' });
    if (first.outcome !== 'leased') throw new Error('no slot');
    await pool.release(first);
    const [second] = await chosen(pool, 1, { strategy: 'packed' });
    expect(second).not.toBe(first.hostId);
  });
});

describe('random', () => {
  it('takes each host that fits with the same chance', async () => {
    const pool = await poolOf({ a: [900, 300], b: [300, 300], c: [10_000, 300], small: [1, 1] });
    const hosts = await chosen(pool, 300, { strategy: 'random', seats: 2 });
    const counts = ['a', 'b', 'c'].map((name) => hosts.filter((host) => host === name).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(300);
    // 100 expected each; less than 60 or more than 140 has a chance below one in a million.
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });
});

describe('every strategy', () => {
  it.each(['least-loaded', 'packed', 'random'] as const)(
    '%s gives a party all its seats or none (P5)',
    async (strategy) => {
      const pool = await poolOf({ a: [3, 3], b: [2, 2] });
      expect(await chosen(pool, 1, { strategy, seats: 4 })).toEqual(['none']);
      expect(await chosen(pool, 2, { strategy, seats: 3 })).toEqual(['a', 'none']);
      expect(await chosen(pool, 2, { strategy, seats: 2 })).toEqual(['b', 'none']);
    },
  );

  it.each(['least-loaded', 'packed', 'random'] as const)(
    '%s gives every slot away before it says none',
    async (strategy) => {
      const pool = await poolOf({ a: [3, 3], b: [2, 1], c: [5, 4] });
      const hosts = await chosen(pool, 9, { strategy });
      expect(hosts.filter((host) => host !== 'none')).toHaveLength(8);
    },
  );
});

describe('regions', () => {
  it('are tried in the order that the client prefers', async () => {
    const pool = await pools();
    await pool.heartbeat(report({ hostId: 'e', region: 'eu' }));
    await pool.heartbeat(report({ hostId: 'u', region: 'us' }));
    expect(await chosen(pool, 3, { regions: ['ap', 'us', 'eu'] })).toEqual(['u', 'e', 'none']);
  });

  it('that appeared a moment ago count before anybody is told none (P4)', async () => {
    const pool = await pools();
    expect(await chosen(pool, 1)).toEqual(['none']);
    await pool.heartbeat(report({ hostId: 'new', region: uniqueId('region') }));
    expect(await chosen(pool, 1)).toEqual(['new']);
  });

  it('when none is named are used in proportion to their free slots', async () => {
    const pool = await pools();
    await pool.heartbeat(report({ hostId: 'large', region: 'eu', capacity: 9_000 }));
    await pool.heartbeat(report({ hostId: 'small', region: 'us', capacity: 1_000 }));
    await pool.allocate(STREAMING);
    const hosts = await Promise.all(Array.from({ length: 300 }, () => chosen(pool, 1)));
    const small = hosts.flat().filter((host) => host === 'small').length;
    // 30 expected.
    expect(small).toBeGreaterThan(5);
    expect(small).toBeLessThan(75);
  });

  it('with a room take a game server before a streaming host', async () => {
    const pool = await pools();
    await pool.heartbeat(report({ hostId: 's', region: 'eu', capacity: 50 }));
    await pool.heartbeat(report({ hostId: 'g', region: 'us', address: '192.0.2.1:7777' }));
    expect(await chosen(pool, 2, { kinds: ['game', 'streaming'] })).toEqual(['g', 's']);
  });
});

describe('a host by name', () => {
  it('is that host or nothing, wherever it is', async () => {
    const pool = await poolOf({ a: [1, 1], b: [1, 1] });
    expect(await chosen(pool, 2, { hostId: 'b' })).toEqual(['b', 'none']);
    expect(await chosen(pool, 1, { hostId: 'nobody' })).toEqual(['none']);
    expect(await chosen(pool, 1, { hostId: 'a', regions: ['us'] })).toEqual(['none']);
    expect(await chosen(pool, 1, { hostId: 'a', seats: 2 })).toEqual(['none']);
    expect(await chosen(pool, 1, { hostId: 'a', kinds: ['game'] })).toEqual(['none']);
    expect(await chosen(pool, 1, { hostId: 'a', regions: ['eu'] })).toEqual(['a']);
  });
});
