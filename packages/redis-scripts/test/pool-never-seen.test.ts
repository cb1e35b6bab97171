import { describe, expect, it } from 'vitest';
import { find, shown, useStreamingHosts } from './pool-room.js';
import { usePools } from './pool-support.js';

const streamingHost = useStreamingHosts(usePools());

describe('a host that is never in its room', () => {
  it('is handed out still after two silent clients came and left: neither was it', async () => {
    const { pool, host, room } = await streamingHost(2, { LEASE_TTL_SECONDS: 0.2 });
    await find(pool);
    await find(pool);
    await room({ one: 'none' });
    await room({ one: 'none', two: 'none' });
    expect(await shown(pool)).toMatchObject({ free: 0 });
    await room({ two: 'none' });
    await room({});
    await expect
      .poll(async () => {
        await pool.heartbeat(host);
        return shown(pool);
      })
      .toEqual({ free: 2, leases: 0, sessions: 0 });
    expect(await find(pool)).toBe('leased');
  });

  it('is not handed out while two silent clients are there, after their leases ended too', async () => {
    const { pool, host, room } = await streamingHost(2, { LEASE_TTL_SECONDS: 0.2 });
    await find(pool);
    await find(pool);
    await room({ one: 'none' });
    await room({ one: 'none', two: 'none' });
    await expect
      .poll(async () => {
        await pool.heartbeat(host);
        return (await shown(pool)).leases;
      })
      .toBe(0);
    await room({ one: 'none', two: 'none' });
    expect(await find(pool)).toBe('none');
  });

  it('is handed out still after a client came back without a lease and left without a word', async () => {
    const { pool, room } = await streamingHost();
    await find(pool);
    await room({ client: 'offered' });
    await room({});
    await room({ again: 'none' });
    await room({});
    expect(await shown(pool)).toEqual({ free: 1, leases: 0, sessions: 0 });
  });

  it('and comes at last while a lease stands, leaves that lease to its client', async () => {
    const { pool, room } = await streamingHost(2);
    await find(pool);
    await find(pool);
    await room({ client: 'offered' });
    await room({ client: 'offered', host: 'none' });
    expect(await shown(pool)).toMatchObject({ free: 0 });
    await room({ client: 'offered', host: 'answered' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 1, sessions: 1 });
    await room({ client: 'offered', host: 'answered', two: 'offered' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 0, sessions: 2 });
  });
});
