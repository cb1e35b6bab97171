import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import type { HostReport, Presence } from '../src/index.js';
import type { Evidence } from '../src/signaling/types.js';
import { members, report, STREAMING, usePools, type TestPool } from './pool-support.js';

const pools = usePools();

/** A streaming host whose room is asked whenever it registers, as a matchmaker does. */
async function streamingHost(times = {}, capacity = 1) {
  let version = 0;
  let present: Record<string, Evidence> = {};
  const presence = (region: string, { hostId, roomId }: HostReport): Presence => ({
    region,
    hostId,
    roomId,
    version: ++version,
    members: members(present),
  });
  const host = report({ capacity });
  const pool = await pools(times, {
    bindHost: (roomId, { region }) => Promise.resolve(presence(region, { ...host, roomId })),
  });
  const room = async (region: string, now: Record<string, Evidence>) => {
    present = now;
    await pool.reportPresence(presence(region, host));
  };
  return { pool, host, room };
}

const find = async (pool: TestPool) => (await pool.allocate(STREAMING)).outcome;
const shown = async (pool: TestPool) => (await pool.listHosts({ limit: 9 }))?.hosts ?? [];

describe('a host that was seen in its room and has left', () => {
  it('is not handed out when it heartbeats from another region, and is when it is back (P6)', async () => {
    const { pool, host, room } = await streamingHost();
    await pool.heartbeat(host);
    await room('eu', { host: 'answered' });
    await room('eu', {});
    await pool.heartbeat({ ...host, region: 'us' });
    expect(await find(pool)).toBe('none');
    await room('us', { again: 'none' });
    expect(await find(pool)).toBe('leased');
  });

  it('is not handed out after it was silent for longer than its TTL (P6)', async () => {
    const { pool, host, room } = await streamingHost({ HOST_TTL_SECONDS: 0.2 });
    await pool.heartbeat(host);
    await room('eu', { host: 'none' });
    await room('eu', {});
    await waitFor(async () => (await shown(pool)).length === 0, 'it counts as dead');
    await pool.heartbeat(host);
    expect(await shown(pool)).toHaveLength(1);
    expect(await find(pool)).toBe('none');
  });

  it('is handed out when it says goodbye and comes with another room', async () => {
    const { pool, host, room } = await streamingHost();
    await pool.heartbeat(host);
    await room('eu', { host: 'answered' });
    await room('eu', {});
    await pool.removeHost(host.hostId);
    await pool.heartbeat({ ...host, roomId: 'another-room' });
    expect(await find(pool)).toBe('leased');
  });
});

describe('a host that sits in its room, silent, while it moves', () => {
  it('is not taken for the client of a lease that stands', async () => {
    const { pool, host, room } = await streamingHost({}, 2);
    await pool.heartbeat(host);
    await room('eu', { host: 'none' });
    expect(await find(pool)).toBe('leased');
    await pool.heartbeat({ ...host, region: 'us' });
    expect(await shown(pool)).toMatchObject([{ region: 'us', leases: 1, sessions: 0, free: 1 }]);
  });

  it('is told from a client still: one that was taken for it was never it', async () => {
    const { pool, host, room } = await streamingHost();
    await pool.heartbeat(host);
    await room('eu', { client: 'none' });
    await pool.heartbeat({ ...host, region: 'us' });
    await room('us', { client: 'offered' });
    await room('us', {});
    expect(await find(pool)).toBe('leased');
  });
});
