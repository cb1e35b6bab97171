import { describe, expect, it } from 'vitest';
import { report, STREAMING, usePools } from './pool-support.js';

const pools = usePools();

describe('a slot', () => {
  it('of a host that always says idle is given once, with heartbeats in between', async () => {
    const pool = await pools();
    const host = report();
    await pool.heartbeat(host);
    const finds = Array.from({ length: 20 }, async (_, at) => {
      if (at % 3 === 0) await pool.heartbeat(host);
      return pool.allocate(STREAMING);
    });
    const results = await Promise.all(finds);
    expect(results.filter(({ outcome }) => outcome === 'leased')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'none')).toHaveLength(19);
  });

  it('that is given back can be given again, once', async () => {
    const pool = await pools();
    await pool.heartbeat(report());
    const first = await pool.allocate(STREAMING);
    if (first.outcome !== 'leased') throw new Error('no slot');
    expect(await pool.release(first)).toBe(true);
    expect(await pool.release(first)).toBe(false);
    expect((await pool.allocate(STREAMING)).outcome).toBe('leased');
    expect((await pool.allocate(STREAMING)).outcome).toBe('none');
  });

  it('carries what a client needs to get there', async () => {
    const pool = await pools();
    const host = report({ address: '192.0.2.1:7777', region: 'us' });
    await pool.heartbeat(host);
    const before = Date.now();
    const lease = await pool.allocate({ kinds: ['game'], regions: ['us'] });
    expect(lease).toMatchObject({
      outcome: 'leased',
      hostId: host.hostId,
      roomId: host.roomId,
      region: 'us',
      address: '192.0.2.1:7777',
    });
    if (lease.outcome !== 'leased') throw new Error('no slot');
    expect(lease.expiresAtMs - before).toBeGreaterThan(25_000);
    expect(lease.expiresAtMs - before).toBeLessThan(35_000);
  });
});
