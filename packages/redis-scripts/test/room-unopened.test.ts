import { uniqueId, waitFor } from '@parley/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

const connect = useConnection(afterAll);

/** Each test has a world of its own: they wait for times to pass, all at once. */
async function begin() {
  // Between the end of a host's patience and that of the lease there have to be heartbeats, also on a busy machine.
  const times = { ...SHORT_TIMES, leaseMs: 2_400, keepMs: 4_000 };
  return { world: new RoomWorld(await connect(), times), region: uniqueId('region') };
}

/** Heartbeats of a host until it is told that a room is not its own. */
const untilReleased = (host: { beat: RoomWorldBeat }, roomId: string, changes = {}) =>
  waitFor(async () => (await host.beat(changes)).released.includes(roomId), 'the host is told', 10_000);
type RoomWorldBeat = Awaited<ReturnType<RoomWorld['host']>>['beat'];

// What a host says that does not open its room: real streaming hosts report no rooms, nor do older game servers.
const SILENT = {};
const NAMES_NONE = { rooms: [] };

describe.concurrent.each([
  ['streaming', 'that reports no rooms', SILENT],
  ['streaming', 'that reports other rooms', NAMES_NONE],
  ['game', 'that reports no rooms', SILENT],
  ['game', 'that reports other rooms', NAMES_NONE],
] as const)('a %s host %s, and does not open its room in time', (kind, _, says) => {
  it('loses it to another one, is told so, and has its slot again', async () => {
    const { world, region } = await begin();
    const lazy = await world.host(kind, region);
    const { roomId, epoch } = await world.createRoom(region, kind);
    expect((await lazy.beat(says)).assignments.map((each) => each.roomId)).toEqual([roomId]);
    const next = await world.host(kind, region, 4);
    await untilReleased(lazy, roomId, says);
    const room = await world.rooms.get(roomId);
    expect(room).toMatchObject({ hostId: next.hostId, state: 'placed', moves: 1 });
    expect(room?.epoch).toBeGreaterThan(epoch);
    expect(await world.eventsOf(roomId)).toEqual(['assigned', 'migrating', 'migrated']);
    expect((await next.beat(says)).assignments.map((each) => each.roomId)).toEqual([roomId]);
    // Told once; and what it was promised for is free.
    expect(await lazy.beat(says)).toEqual({ assignments: [], released: [] });
    expect((await world.pool.allocate({ hostId: lazy.hostId, kinds: [kind] })).outcome).toBe('leased');
  });

  it('does not get it again while another one is free, however many slots it has', async () => {
    const { world, region } = await begin();
    const [lazy, full] = [await world.host(kind, region, 8), await world.host(kind, region, 8)];
    for (let i = 0; i < 7; i++) await world.pool.allocate({ hostId: full.hostId, kinds: [kind] });
    const { roomId, hostId } = await world.createRoom(region, kind);
    expect(hostId).toBe(lazy.hostId);
    await untilReleased(lazy, roomId, says);
    expect((await world.rooms.get(roomId))?.hostId).toBe(full.hostId);
  });

  it('may still open it as long as no other is free, and has the slot until then', async () => {
    const { world, region } = await begin();
    const only = await world.host(kind, region, 2);
    const { roomId } = await world.createRoom(region, kind);
    await waitFor(
      async () => {
        const { assignments } = await only.beat(says);
        expect(assignments.map((each) => each.roomId)).toEqual([roomId]);
        return (await world.rooms.get(roomId))?.state === 'migrating';
      },
      'it waits',
      10_000,
    );
    const opens = { rooms: [{ roomId, players: 1 }], availableSlots: 1 };
    expect(await only.beat(opens)).toEqual({ assignments: [], released: [] });
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: only.hostId, state: 'open', moves: 0 });
  });

  it('and neither do others: the room is closed, and says why', async () => {
    const { world, region } = await begin();
    const hosts = await Promise.all(Array.from({ length: 4 }, () => world.host(kind, region)));
    const { roomId } = await world.createRoom(region, kind);
    const owners = new Set<string>();
    const isClosed = async () => {
      for (const { beat } of hosts) await beat(says);
      const room = await world.rooms.get(roomId);
      if (room) owners.add(room.hostId);
      return !room;
    };
    await waitFor(isClosed, 'it is closed', 20_000);
    expect(owners.size).toBe(4);
    const last = (await world.events.since(roomId, '0-0')).at(-1);
    expect(last).toMatchObject({ type: 'closed', fields: { reason: 'no host took it' } });
    expect(await Promise.all(hosts.map(() => world.hasSlot(region, kind)))).not.toContain(false);
  });
});

describe.concurrent('a streaming host opens its room', () => {
  it.each([
    ['by being there, and silent', { 'the-host': 'none' }, true],
    ['by being there after its first client', { 'a-client': 'offered', 'the-host': 'none' }, true],
    ['by its answer', { 'a-client': 'offered', 'the-host': 'answered' }, true],
    ['not by a client that waits for it', { 'a-client': 'offered' }, false],
    ['not by a page that waits for it', { 'a-page': 'browser' }, false],
  ] as const)('%s', async (_, members, opens) => {
    const { world, region } = await begin();
    const host = await world.host('streaming', region);
    const { roomId } = await world.createRoom(region, 'streaming');
    await world.enter(roomId, members);
    const { assignments } = await host.beat();
    expect(assignments).toHaveLength(opens ? 0 : 1);
    expect((await world.rooms.get(roomId))?.state).toBe(opens ? 'open' : 'placed');
  });
});

describe.concurrent('an older game server, that reports no rooms', () => {
  it('keeps the room that its players talk in, as long as they are there', async () => {
    const { world, region } = await begin();
    const host = await world.host('game', region);
    const { roomId } = await world.createRoom(region, 'game');
    await world.enter(roomId, { ann: 'none', bo: 'none' });
    const startedAt = Date.now();
    await waitFor(
      async () => {
        expect(await host.beat()).toEqual({ assignments: [], released: [] });
        return Date.now() - startedAt > 2 * world.times.leaseMs;
      },
      'two leases would be over',
      15_000,
    );
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: host.hostId, players: 2 });
    expect(await world.hasSlot(region, 'game')).toBe(false);
  });
});

describe.concurrent('a host that is back', () => {
  it('is told once which rooms it lost while it was away, also if it reports none', async () => {
    const { world, region } = await begin();
    const old = await world.host('streaming', region);
    const { roomId } = await world.createRoom(region, 'streaming');
    await world.enter(roomId, { 'the-host': 'answered', 'a-client': 'offered' });
    await old.beat();
    await world.pool.removeHost(old.hostId);
    await world.hostRooms.goodbye(old.hostId);
    const next = await world.host('streaming', region);
    expect(await world.mover.moveDue()).toBe(1);
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: next.hostId, state: 'placed' });
    expect((await old.beat()).released).toEqual([roomId]);
    expect((await old.beat()).released).toEqual([]);
  });
});
