import { describe, expect, it } from 'vitest';
import type { PoolStore } from '../src/index.js';
import { report, STREAMING, usePools } from './pool-support.js';

const pools = usePools();

const find = async (pool: PoolStore, region?: string) =>
  (await pool.allocate({ ...STREAMING, ...(region && { regions: [region] }) })).outcome;

async function listed(pool: PoolStore) {
  return (await pool.listHosts({ limit: 100 }))?.hosts ?? [];
}

describe('a host that moves to another region', () => {
  it('counts there and no longer where it was', async () => {
    const pool = await pools();
    const host = report({ region: 'eu' });
    await pool.heartbeat(host);
    await pool.heartbeat({ ...host, region: 'us' });
    expect(await find(pool, 'eu')).toBe('none');
    expect(await find(pool, 'us')).toBe('leased');
    expect((await listed(pool)).map(({ region }) => region)).toEqual(['us']);
  });

  it('takes its leases along: their slots are promised still', async () => {
    const pool = await pools();
    const host = report({ region: 'eu', capacity: 2 });
    await pool.heartbeat(host);
    expect(await find(pool)).toBe('leased');
    await pool.heartbeat({ ...host, region: 'us' });
    expect(await listed(pool)).toMatchObject([{ region: 'us', leases: 1, free: 1 }]);
    expect(await find(pool)).toBe('leased');
    expect(await find(pool)).toBe('none');
  });

  it('and back again, many times and at once, is in one region in the end', async () => {
    const pool = await pools();
    const host = report();
    const regions = ['eu', 'us', 'ap', 'sa'];
    for (let round = 0; round < 10; round++) {
      await Promise.all(regions.map((region) => pool.heartbeat({ ...host, region })));
      expect((await listed(pool)).length).toBeLessThanOrEqual(1);
    }
    await pool.heartbeat({ ...host, region: 'eu' });
    expect(await listed(pool)).toHaveLength(1);
    expect(await find(pool)).toBe('leased');
    expect(await find(pool)).toBe('none');
  });
});

describe('a heartbeat', () => {
  it('changes capacity and address at any time, and no slot is counted twice', async () => {
    const pool = await pools();
    const host = report({ capacity: 4 });
    await pool.heartbeat(host);
    await find(pool);
    await pool.heartbeat({ ...host, capacity: 2, availableSlots: 2 });
    expect(await listed(pool)).toMatchObject([{ free: 1, leases: 1 }]);
    const game = { ...host, capacity: 8, availableSlots: 8, address: '192.0.2.1:7777' };
    await pool.heartbeat(game);
    expect(await find(pool)).toBe('none');
    const lease = await pool.allocate({ kinds: ['game'], seats: 7 });
    expect(lease).toMatchObject({ outcome: 'leased', address: '192.0.2.1:7777' });
    await pool.heartbeat(host);
    expect((await pool.allocate({ kinds: ['game'] })).outcome).toBe('none');
    expect(await find(pool)).toBe('none');
  });

  it.each(['busy', 'allocated'] as const)(
    'that says %s takes all slots, whatever the numbers say',
    async (status) => {
      const pool = await pools();
      const host = report({ capacity: 4 });
      await pool.heartbeat({ ...host, status });
      expect(await find(pool)).toBe('none');
      await pool.heartbeat(host);
      expect(await find(pool)).toBe('leased');
      expect(await pool.setStatus(host.hostId, status)).toBe(true);
      expect(await find(pool)).toBe('none');
    },
  );

  it('that says there is no slot is believed', async () => {
    const pool = await pools();
    await pool.heartbeat(report({ capacity: 2, availableSlots: 0 }));
    expect(await find(pool)).toBe('none');
    await pool.heartbeat(report({ capacity: 0 }));
    expect(await find(pool)).toBe('none');
  });

  it('that tells of rooms in use takes a lease up for each, however many players are there', async () => {
    const pool = await pools();
    const server = report({ address: '192.0.2.1:7777', capacity: 4 });
    const game = { kinds: ['game'] } as const;
    await pool.heartbeat({ ...server, rooms: [] });
    await pool.allocate(game);
    await pool.allocate(game);
    const room = (roomId: string, players: number) => ({ roomId, players });
    await pool.heartbeat({ ...server, availableSlots: 2, rooms: [room('a', 3), room('b', 1)] });
    expect(await listed(pool)).toMatchObject([{ sessions: 2, leases: 0, free: 2 }]);
    await pool.heartbeat({ ...server, availableSlots: 4, rooms: [room('a', 0)] });
    expect(await listed(pool)).toMatchObject([{ sessions: 0, leases: 0, free: 4 }]);
  });

  it('that tells of an open room nobody has come to counts its slot once, and its lease holds it', async () => {
    const pool = await pools();
    const server = report({ address: '192.0.2.1:7777', capacity: 4 });
    await pool.heartbeat({ ...server, rooms: [] });
    await pool.allocate({ kinds: ['game'] });
    await pool.heartbeat({ ...server, availableSlots: 3, rooms: [{ roomId: 'a', players: 0 }] });
    expect(await listed(pool)).toMatchObject([{ sessions: 0, leases: 1, free: 3 }]);
  });

  it("that tells of players in the host's own room counts each of them", async () => {
    const pool = await pools();
    const host = report({ capacity: 4 });
    await pool.heartbeat({ ...host, rooms: [] });
    await pool.allocate({ ...STREAMING, seats: 2 });
    await pool.heartbeat({ ...host, rooms: [{ roomId: host.roomId, players: 2 }] });
    expect(await listed(pool)).toMatchObject([{ sessions: 2, leases: 0, free: 2 }]);
  });

  it('of a game server that only counts slots takes leases up by these', async () => {
    const pool = await pools();
    const server = report({ address: '192.0.2.1:7777', capacity: 4 });
    await pool.heartbeat(server);
    await pool.allocate({ kinds: ['game'] });
    await pool.heartbeat({ ...server, availableSlots: 3 });
    expect(await listed(pool)).toMatchObject([{ sessions: 1, leases: 0, free: 3 }]);
  });
});

describe('goodbye', () => {
  it('takes a host out, and its leases still count if it is back at once', async () => {
    const pool = await pools();
    const host = report({ capacity: 2 });
    await pool.heartbeat(host);
    await find(pool);
    expect(await pool.removeHost(host.hostId)).toBe(true);
    expect(await pool.removeHost(host.hostId)).toBe(false);
    expect(await find(pool)).toBe('none');
    expect(await pool.setStatus(host.hostId, 'idle')).toBe(false);
    await pool.heartbeat(host);
    expect(await listed(pool)).toMatchObject([{ leases: 1, free: 1 }]);
  });
});
