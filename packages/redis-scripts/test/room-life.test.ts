import { uniqueId, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { Assignments, HostRooms, PoolStore, RoomMover, RoomStore, type HostReport } from '../src/index.js';
import { useConnection } from './pool-support.js';

const connect = useConnection();

/** Short times: hosts that are silent for half a second are gone. */
const TIMES = { leaseMs: 1_000, keepMs: 2_000, emptyMs: 1_000, seatTtlMs: 300, hostTtlMs: 500 };

let rooms: RoomStore;
let assignments: Assignments;
let pool: PoolStore;
let movers: RoomMover[];
let hostRooms: HostRooms;

beforeEach(async () => {
  const connection = await connect();
  rooms = new RoomStore(connection, TIMES);
  assignments = new Assignments(connection);
  pool = new PoolStore(connection, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 });
  movers = [new RoomMover(connection, pool, TIMES), new RoomMover(connection, pool, TIMES)];
  hostRooms = new HostRooms(connection, new RoomMover(connection, pool, TIMES), pool, TIMES);
});

type Rooms = NonNullable<HostReport['rooms']>;

/** A game server in a region, with so many slots; `beat` is its heartbeat. */
async function gameServer(region: string, slots = 4) {
  const hostId = uniqueId('host');
  const address = `${hostId}.example:7777`;
  const beat = async (held?: Rooms) => {
    const about = { hostId, region, roomId: `own-${hostId}`, status: 'idle', capacity: slots } as const;
    const availableSlots = slots - (held?.length ?? 0);
    const report = { ...about, availableSlots, address, rooms: held };
    await pool.heartbeat(report);
    return hostRooms.heard(report);
  };
  await beat([]);
  return { hostId, address, region, beat };
}

/** Create a room in a region, as a gateway does. */
async function createRoom(region: string, maxPlayers = 4): Promise<string> {
  const lease = await pool.allocate({ regions: [region], kinds: ['game'], leaseTtlMs: TIMES.leaseMs });
  if (lease.outcome === 'none') throw new Error('no slot');
  const roomId = uniqueId('room');
  const { hostId, leaseId, expiresAtMs, address, roomId: hostRoomId } = lease;
  const placed = { hostId, region, hostRoomId, address, leaseId, expiresAtMs };
  await rooms.create({
    roomId,
    ...placed,
    maxPlayers,
    ownerHash: 'x',
    where: { regions: [region] },
    visibility: 'private',
    metadata: {},
  });
  await assignments.add(hostId, roomId, TIMES.hostTtlMs);
  return roomId;
}

/** Let all movers look, as gateways do, until it holds. */
const movedUntil = (holds: () => Promise<unknown>, what: string) =>
  waitFor(async () => {
    await Promise.all(movers.map((mover) => mover.moveDue()));
    return holds();
  }, what);

const stateOf = async (roomId: string) => (await rooms.get(roomId))?.state;

describe('a room and its host', () => {
  it('the host hears of it with its next heartbeat, until it reports it', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region);
    const { assignments: told } = await host.beat([]);
    expect(told).toEqual([
      { roomId, leaseId: expect.any(String) as string, expiresAt: expect.any(Number) as number },
    ]);
    expect(await host.beat([{ roomId, players: 0 }])).toEqual({ assignments: [], released: [] });
    expect(await stateOf(roomId)).toBe('open');
  });

  it('stands as long as it is used, and no longer', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region);
    const endOf = async () => (await rooms.get(roomId))?.expiresAtMs ?? 0;
    const first = await endOf();
    await host.beat([{ roomId, players: 2 }]);
    expect(await endOf()).toBeGreaterThan(first);
    const { released } = await host.beat([{ roomId, players: 0 }]);
    expect(released).toEqual([roomId]);
    expect(await rooms.get(roomId)).toBeUndefined();
  });

  it('that nobody ever came to ends with its lease', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region);
    const isGone = async () => {
      const { released } = await host.beat([{ roomId, players: 0 }]);
      return released.includes(roomId);
    };
    await waitFor(isGone, 'its time is over', 3_000);
    expect(await rooms.get(roomId)).toBeUndefined();
  });

  it('is closed when the host reports it no more', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region);
    await host.beat([{ roomId, players: 3 }]);
    await host.beat([]);
    expect(await rooms.get(roomId)).toBeUndefined();
  });

  it('that was deleted is taken from the host', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region);
    await host.beat([{ roomId, players: 1 }]);
    await rooms.delete(roomId, 'a test');
    expect((await host.beat([{ roomId, players: 1 }])).released).toEqual([roomId]);
    expect(await assignments.of(host.hostId)).toEqual([]);
  });

  it('is over when the host says so, and its slot is free at once', async () => {
    const host = await gameServer(uniqueId('region'), 1);
    const roomId = await createRoom(host.region);
    expect(await hostRooms.closed(roomId, 'another-host')).toBe(false);
    expect(await hostRooms.closed(roomId, host.hostId)).toBe(true);
    expect(await hostRooms.closed(roomId)).toBe(false);
    expect(await host.beat([])).toEqual({ assignments: [], released: [] });
    await createRoom(host.region);
  });

  it('leaves alone what the host does by itself', async () => {
    const host = await gameServer(uniqueId('region'));
    const own = { roomId: uniqueId('own'), players: 2 };
    expect(await host.beat([own])).toEqual({ assignments: [], released: [] });
  });
});

describe('the seats of a room', () => {
  it('of a player who joined and never came are given back', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region, 2);
    await host.beat([{ roomId, players: 0 }]);
    const join = async () => (await rooms.join(roomId)).outcome;
    expect([await join(), await join(), await join()]).toEqual(['joined', 'joined', 'full']);
    await host.beat([{ roomId, players: 1 }]);
    expect(await join()).toBe('full');
    await waitFor(async () => (await join()) === 'joined', 'the seat returns', 2_000);
    await host.beat([{ roomId, players: 2 }]);
    expect((await rooms.get(roomId))?.players).toBe(2);
    expect(await join()).toBe('full');
  });

  it('that were promised before the host first reported are not lost', async () => {
    const host = await gameServer(uniqueId('region'));
    const roomId = await createRoom(host.region, 2);
    await rooms.join(roomId);
    await rooms.join(roomId);
    await host.beat([{ roomId, players: 1 }]);
    expect((await rooms.get(roomId))?.players).toBe(2);
  });
});

describe('a host that is gone', () => {
  it('has its rooms moved to another one, which hears of them', async () => {
    const region = uniqueId('region');
    const old = await gameServer(region);
    const roomIds = [await createRoom(region), await createRoom(region)];
    await old.beat(roomIds.map((roomId) => ({ roomId, players: 2 })));
    await pool.removeHost(old.hostId);
    const next = await gameServer(region);
    const isMoved = async (roomId: string) => (await rooms.get(roomId))?.hostId === next.hostId;
    await movedUntil(async () => (await Promise.all(roomIds.map(isMoved))).every(Boolean), 'both moved');
    expect((await rooms.get(roomIds[0] ?? ''))?.address).toBe(next.address);
    const { assignments: told } = await next.beat([]);
    expect(told.map(({ roomId }) => roomId).toSorted()).toEqual(roomIds.toSorted());
    // The old one is back: the rooms are not its own any more.
    const { released } = await old.beat(roomIds.map((roomId) => ({ roomId, players: 2 })));
    expect(released.toSorted()).toEqual(roomIds.toSorted());
    expect(await isMoved(roomIds[0] ?? '')).toBe(true);
  });

  it('moves at once when it said goodbye', async () => {
    const region = uniqueId('region');
    const old = await gameServer(region);
    const roomId = await createRoom(region);
    await old.beat([{ roomId, players: 1 }]);
    const next = await gameServer(region);
    await pool.removeHost(old.hostId);
    await hostRooms.goodbye(old.hostId);
    await Promise.all(movers.map((mover) => mover.moveDue()));
    expect((await rooms.get(roomId))?.hostId).toBe(next.hostId);
  });

  it('leaves rooms that wait where no other is free, until their time is over', async () => {
    const region = uniqueId('region');
    const old = await gameServer(region);
    const roomId = await createRoom(region);
    await old.beat([{ roomId, players: 1 }]);
    await pool.removeHost(old.hostId);
    await hostRooms.goodbye(old.hostId);
    await movedUntil(async () => (await stateOf(roomId)) === 'migrating', 'it waits');
    expect((await rooms.join(roomId)).outcome).toBe('migrating');
    await movedUntil(async () => !(await rooms.get(roomId)), 'its time is over');
  });

  it('keeps its rooms when it is back before they moved', async () => {
    const region = uniqueId('region');
    const host = await gameServer(region);
    const roomId = await createRoom(region);
    await host.beat([{ roomId, players: 1 }]);
    await pool.removeHost(host.hostId);
    await hostRooms.goodbye(host.hostId);
    await movedUntil(async () => (await stateOf(roomId)) === 'migrating', 'it waits');
    await host.beat([{ roomId, players: 1 }]);
    expect(await rooms.get(roomId)).toMatchObject({ state: 'open', hostId: host.hostId });
  });

  it('loses each room to exactly one other, however many move it', async () => {
    const region = uniqueId('region');
    const old = await gameServer(region);
    const roomId = await createRoom(region);
    await old.beat([{ roomId, players: 1 }]);
    await pool.removeHost(old.hostId);
    const others = [await gameServer(region, 8), await gameServer(region, 8)];
    await Promise.all(Array.from({ length: 8 }, (_, i) => movers[i % 2]?.move(roomId, old.hostId)));
    const { hostId } = (await rooms.get(roomId)) ?? {};
    const told = await Promise.all(others.map((host) => assignments.of(host.hostId)));
    const listed = others.filter((_, i) => told[i]?.includes(roomId)).map((host) => host.hostId);
    expect(listed).toEqual([hostId]);
    // One lease is left of all that were taken.
    const free = await Promise.all(
      Array.from({ length: 16 }, () => pool.allocate({ regions: [region], kinds: ['game'] })),
    );
    expect(free.filter(({ outcome }) => outcome === 'leased')).toHaveLength(15);
  });
});

describe('a room that its host does not open in time', () => {
  it('is given to another host', async () => {
    const region = uniqueId('region');
    const lazy = await gameServer(region, 1);
    const roomId = await createRoom(region);
    const other = await gameServer(region);
    const isMoved = async () => {
      await lazy.beat([]);
      return (await rooms.get(roomId))?.hostId === other.hostId;
    };
    await waitFor(isMoved, 'it moved', 5_000);
    expect((await other.beat([])).assignments.map((each) => each.roomId)).toEqual([roomId]);
  });
});
