import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import type { PoolStore } from '../src/index.js';
import { report, STREAMING, usePools } from './pool-support.js';

const pools = usePools();

const find = async (pool: PoolStore) => (await pool.allocate(STREAMING)).outcome;

describe('a lease that nobody takes up', () => {
  it('returns by itself when it ends, not before (P3)', async () => {
    const leaseTtlMs = 300;
    const pool = await pools({ LEASE_TTL_SECONDS: leaseTtlMs / 1_000 });
    await pool.heartbeat(report());
    const first = await pool.allocate(STREAMING);
    const second = await waitFor(async () => {
      const again = await pool.allocate(STREAMING);
      return again.outcome === 'leased' ? again : undefined;
    }, 'the lease ends');
    if (first.outcome !== 'leased') throw new Error('no slot');
    expect(second.expiresAtMs - leaseTtlMs).toBeGreaterThanOrEqual(first.expiresAtMs);
  });

  it('holds as long as its request says', async () => {
    const pool = await pools({ LEASE_TTL_SECONDS: 30 });
    await pool.heartbeat(report());
    await pool.allocate({ ...STREAMING, leaseTtlMs: 50 });
    await waitFor(async () => (await find(pool)) === 'leased', 'the lease ends');
  });

  it('returns although hundreds are due at once', async () => {
    const pool = await pools({ LEASE_TTL_SECONDS: 0.3 });
    await pool.heartbeat(report({ capacity: 300 }));
    await Promise.all(Array.from({ length: 300 }, () => find(pool)));
    const party = { ...STREAMING, seats: 300 };
    await waitFor(async () => (await pool.allocate(party)).outcome === 'leased', 'all 300 are back');
  });
});

describe('what is due', () => {
  it('is retired before anybody is told none, however much is due before what frees a slot (P4)', async () => {
    const pool = await pools({ LEASE_TTL_SECONDS: 0.1 });
    const busy = report({ capacity: 200 });
    await pool.heartbeat(busy);
    await Promise.all(Array.from({ length: 200 }, () => find(pool)));
    await pool.setStatus(busy.hostId, 'busy');
    await pool.heartbeat(report({ hostId: 'zzz', region: 'eu' }));
    const last = await pool.allocate(STREAMING);
    if (last.outcome !== 'leased') throw new Error('no slot');
    await waitFor(() => Date.now() > last.expiresAtMs, 'all leases are due');
    expect(await pool.allocate(STREAMING)).toMatchObject({ outcome: 'leased', hostId: 'zzz' });
  });
});

describe('a host that is silent', () => {
  it('is never chosen at or after the end of its TTL (P3)', async () => {
    const hostTtlMs = 200;
    const pool = await pools({ HOST_TTL_SECONDS: hostTtlMs / 1_000 });
    await pool.heartbeat(report({ capacity: 10_000 }));
    const endMs = (await pool.listHosts({ limit: 1 }))?.hosts[0]?.expiresAtMs ?? 0;
    const chosenAt: number[] = [];
    await waitFor(async () => {
      const lease = await pool.allocate({ ...STREAMING, leaseTtlMs: 1_000 });
      if (lease.outcome === 'leased') chosenAt.push(lease.expiresAtMs - 1_000);
      return lease.outcome === 'none';
    }, 'the host expires');
    expect(chosenAt.length).toBeGreaterThan(0);
    expect(Math.max(...chosenAt)).toBeLessThan(endMs);
  });

  it('is passed over for one that lives, although hundreds died at once', async () => {
    const pool = await pools({ HOST_TTL_SECONDS: 0.5 });
    const silent = Array.from({ length: 300 }, () => report({ capacity: 10 }));
    await Promise.all(silent.map((host) => pool.heartbeat(host)));
    const living = report({ hostId: 'zzz', capacity: 10, availableSlots: 1 });
    const ends = (await pool.listHosts({ limit: 300 }))?.hosts.map(({ expiresAtMs }) => expiresAtMs) ?? [];
    await waitFor(async () => {
      await pool.heartbeat(living);
      return Date.now() > Math.max(...ends);
    }, 'the others are due');
    expect(await pool.allocate(STREAMING)).toMatchObject({ outcome: 'leased', hostId: 'zzz' });
  });

  it('comes back with its next heartbeat, and leases from before still count', async () => {
    const pool = await pools({ HOST_TTL_SECONDS: 0.1 });
    const host = report({ capacity: 2 });
    await pool.heartbeat(host);
    await find(pool);
    await waitFor(async () => (await pool.listHosts({ limit: 1 }))?.hosts.length === 0, 'the host expires');
    await pool.heartbeat(host);
    expect(await find(pool)).toBe('leased');
    expect(await find(pool)).toBe('none');
  });
});
