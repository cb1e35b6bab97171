import { describe, expect, it } from 'vitest';
import { members, report, STREAMING, usePools } from './pool-support.js';
import { find, shown, useStreamingHosts } from './pool-room.js';

const pools = usePools();
const streamingHost = useStreamingHosts(pools);

describe('a client in the room', () => {
  it('is a session: a host that always says idle is not handed out while somebody plays (P2)', async () => {
    const { pool, host, room } = await streamingHost();
    await room({ host: 'none' });
    expect(await find(pool)).toBe('leased');
    await room({ host: 'none', client: 'offered' });
    for (let beat = 0; beat < 3; beat++) {
      await pool.heartbeat(host);
      expect(await find(pool)).toBe('none');
    }
    await room({ host: 'answered' });
    expect(await find(pool)).toBe('leased');
  });

  it('takes up the lease, once, however often it is told', async () => {
    const { pool, room } = await streamingHost(3);
    await room({ host: 'none' });
    await find(pool);
    await find(pool);
    expect(await shown(pool)).toEqual({ free: 1, leases: 2, sessions: 0 });
    for (let again = 0; again < 3; again++) await room({ host: 'none', client: 'offered' }, 5);
    expect(await shown(pool)).toEqual({ free: 1, leases: 1, sessions: 1 });
  });

  it('takes up the oldest lease, and of a party seat by seat', async () => {
    const { pool, room } = await streamingHost(4);
    await room({ host: 'none' });
    const party = await pool.allocate({ ...STREAMING, seats: 3 });
    const single = await pool.allocate(STREAMING);
    await room({ host: 'none', one: 'offered', two: 'offered' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 2, sessions: 2 });
    if (party.outcome !== 'leased' || single.outcome !== 'leased') throw new Error('no slot');
    await pool.release(party);
    expect(await shown(pool)).toEqual({ free: 1, leases: 1, sessions: 2 });
    await pool.release(single);
    expect(await shown(pool)).toEqual({ free: 2, leases: 0, sessions: 2 });
  });

  it('that came before its host is not taken for the host', async () => {
    const { pool, room } = await streamingHost();
    expect(await find(pool)).toBe('leased');
    await room({ client: 'none' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 1, sessions: 1 });
    await room({ client: 'offered' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 0, sessions: 1 });
    await room({ client: 'offered', host: 'none' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 0, sessions: 1 });
    await room({ client: 'offered', host: 'answered' });
    await room({ host: 'answered' });
    expect(await shown(pool)).toEqual({ free: 1, leases: 0, sessions: 0 });
  });

  it('that came before its host and stays silent is still no host when the host has left', async () => {
    const { pool, room } = await streamingHost();
    await find(pool);
    await room({ client: 'none' });
    await room({ client: 'none', host: 'none' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 1, sessions: 1 });
    await room({ client: 'none' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 1, sessions: 1 });
  });

  it('that sends nothing takes its lease up beside a host that is not in doubt', async () => {
    const { pool, room } = await streamingHost(3);
    await room({ host: 'none' });
    await find(pool);
    await find(pool);
    await room({ host: 'none', client: 'none' });
    expect(await shown(pool)).toEqual({ free: 1, leases: 1, sessions: 1 });
    await room({ host: 'none' });
    expect(await shown(pool)).toEqual({ free: 2, leases: 1, sessions: 0 });
  });

  it('that sends nothing is not taken for the host when that leaves, and takes no other lease up when it is back', async () => {
    const { pool, room } = await streamingHost(3);
    await room({ host: 'answered' });
    await find(pool);
    await find(pool);
    await room({ host: 'answered', client: 'none' });
    await room({ client: 'none' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 1, sessions: 1 });
    await room({ client: 'none', again: 'answered' });
    expect(await shown(pool)).toEqual({ free: 1, leases: 1, sessions: 1 });
  });

  it('cannot take up the lease of another by coming and leaving with a host that dies', async () => {
    const { pool, room } = await streamingHost();
    await find(pool);
    await room({ host: 'none' });
    await room({});
    expect(await find(pool)).toBe('none');
    expect(await shown(pool)).toMatchObject({ leases: 1 });
  });

  it('that came after its host, while a lease stood, is told from it once it offers', async () => {
    const { pool, room } = await streamingHost();
    await find(pool);
    await room({ host: 'none' });
    await room({ host: 'none', client: 'none' });
    await room({ host: 'none', client: 'offered' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 0, sessions: 1 });
    await room({ host: 'none' });
    expect(await shown(pool)).toEqual({ free: 1, leases: 0, sessions: 0 });
  });

  it('that was taken for the host is counted once it offers, and the host as never seen', async () => {
    const { pool, room } = await streamingHost(2);
    await room({ client: 'none' });
    expect(await shown(pool)).toEqual({ free: 2, leases: 0, sessions: 0 });
    await room({ client: 'offered' });
    expect(await shown(pool)).toEqual({ free: 1, leases: 0, sessions: 1 });
  });
});

describe('a host seen in its room', () => {
  it('is not handed out when it has left, whatever it says, and is when it is back (P6)', async () => {
    const { pool, host, room } = await streamingHost();
    await room({ host: 'none' });
    await room({});
    await pool.heartbeat(host);
    expect(await find(pool)).toBe('none');
    await room({ again: 'none' });
    expect(await find(pool)).toBe('leased');
  });

  it('is not handed out while only a client waits there', async () => {
    const { pool, host, room } = await streamingHost(4);
    await room({ host: 'answered', client: 'offered' });
    await room({ client: 'offered' });
    await pool.heartbeat(host);
    expect(await find(pool)).toBe('none');
  });

  it('is handed out again with a new room, where nobody has been seen yet', async () => {
    const { pool, host, room } = await streamingHost();
    await room({ host: 'answered' });
    await room({});
    await pool.heartbeat({ ...host, roomId: 'another-room' });
    expect(await find(pool)).toBe('leased');
    expect(await room({ host: 'answered' }, 99)).toBe('other-room');
  });

  it('that never was seen is handed out', async () => {
    const { pool } = await streamingHost();
    expect(await find(pool)).toBe('leased');
  });

  it('whose own slots say less is believed: it may serve others too', async () => {
    const { pool, host, room } = await streamingHost(4);
    await room({ host: 'answered' });
    await pool.heartbeat({ ...host, availableSlots: 1 });
    expect(await shown(pool)).toEqual({ free: 1, leases: 0, sessions: 0 });
    await find(pool);
    await pool.heartbeat({ ...host, availableSlots: 1 });
    expect(await find(pool)).toBe('none');
  });

  it('does not count a session twice when it counts it itself', async () => {
    const { pool, host, room } = await streamingHost(4);
    await room({ host: 'answered' });
    await find(pool);
    await room({ host: 'answered', client: 'offered' });
    expect(await shown(pool)).toEqual({ free: 3, leases: 0, sessions: 1 });
    await pool.heartbeat({ ...host, availableSlots: 3 });
    expect(await shown(pool)).toEqual({ free: 3, leases: 0, sessions: 1 });
  });
});

describe('a lone silent member', () => {
  it('is the host after all when it stays silent for longer than a lease lasts', async () => {
    const { pool, room } = await streamingHost(1, { LEASE_TTL_SECONDS: 0.1 });
    await find(pool);
    await room({ host: 'none' });
    expect(await shown(pool)).toEqual({ free: 0, leases: 1, sessions: 1 });
    await expect
      .poll(async () => {
        await room({ host: 'none' });
        return find(pool);
      })
      .toBe('leased');
  });
});

describe('a host that was told from a client by its patience', () => {
  it('is not in doubt again when clients come: they alone count', async () => {
    const { pool, room } = await streamingHost(3, { LEASE_TTL_SECONDS: 0.1 });
    await find(pool);
    await room({ host: 'none' });
    await expect
      .poll(async () => {
        await room({ host: 'none' });
        return shown(pool);
      })
      .toEqual({ free: 3, leases: 0, sessions: 0 });
    await room({ host: 'none', client: 'none' });
    expect(await shown(pool)).toEqual({ free: 2, leases: 0, sessions: 1 });
    await room({});
    expect(await find(pool)).toBe('none');
  });
});

describe('a report', () => {
  it('that comes late is discarded', async () => {
    const { pool, room } = await streamingHost();
    await room({ host: 'none', client: 'offered' }, 7);
    expect(await room({ host: 'none' }, 6)).toBe('stale');
    expect(await shown(pool)).toMatchObject({ sessions: 1 });
  });

  it('of a host that is not there changes nothing', async () => {
    const { pool, host } = await streamingHost();
    const answer = await pool.reportPresence({ ...host, hostId: 'nobody', version: 1, members: [] });
    expect(answer).toBe('unknown');
  });
});

describe('a host that registers', () => {
  it('is handed out only once its room was asked: a session may have outlived its entry', async () => {
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const pool = await pools(
      {},
      {
        bindHost: async (roomId, { region, hostId }) => {
          await asked;
          return { region, hostId, roomId, version: 1, members: members({ h: 'answered', c: 'offered' }) };
        },
      },
    );
    const host = report();
    const beat = pool.heartbeat(host);
    await expect.poll(async () => (await pool.listHosts({ limit: 1 }))?.hosts.length).toBe(1);
    expect(await find(pool)).toBe('none');
    answer();
    await beat;
    expect(await shown(pool)).toEqual({ free: 0, leases: 0, sessions: 1 });
  });

  it('whose room could not be asked is asked for again by its next heartbeat', async () => {
    let failures = 1;
    const pool = await pools(
      {},
      {
        bindHost: (roomId, { region, hostId }) =>
          failures-- > 0
            ? Promise.reject(new Error('signaling is away'))
            : Promise.resolve({ region, hostId, roomId, version: 1, members: [] }),
      },
    );
    const host = report();
    await expect(pool.heartbeat(host)).rejects.toThrow('away');
    expect(await find(pool)).toBe('none');
    await pool.heartbeat(host);
    expect(await find(pool)).toBe('leased');
  });
});
