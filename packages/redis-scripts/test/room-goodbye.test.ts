import { uniqueId, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

const connect = useConnection();
let world: RoomWorld;
let region: string;
beforeEach(async () => {
  // Longer than what a busy machine takes for a few steps: how long a gateway believes that a host is expected goes by it.
  world = new RoomWorld(await connect(), {
    ...SHORT_TIMES,
    hostTtlMs: 3_000,
    leaseMs: 20_000,
    keepMs: 20_000,
  });
  region = uniqueId('region');
});

async function goodbye(hostId: string): Promise<void> {
  await world.pool.removeHost(hostId);
  await world.hostRooms.goodbye(hostId);
}

/** A room that its host had opened before it said goodbye, and somebody was in. */
async function openRoomOf(host: Awaited<ReturnType<RoomWorld['host']>>): Promise<string> {
  const { roomId } = await world.createRoom(region, host.address ? 'game' : 'streaming');
  if (!host.address) await world.enter(roomId, { 'the-host': 'answered', 'a-client': 'offered' });
  await host.beat(host.address ? { rooms: [{ roomId, players: 1 }] } : {});
  expect((await world.rooms.get(roomId))?.state).toBe('open');
  await goodbye(host.hostId);
  if (!host.address) await world.signaling.leave(roomId, ['the-host']);
  return roomId;
}

describe.each([
  ['game', 'reports no room', { rooms: [] }],
  ['streaming', 'says nothing of rooms', {}],
] as const)('a %s host that says goodbye, is back before a gateway looked, and %s', (kind, _, says) => {
  it('closes no room by that: whichever host has it then is told of it', async () => {
    const old = await world.host(kind, region);
    const roomId = await openRoomOf(old);
    const next = await world.host(kind, region);
    await old.beat(says);
    const room = await world.rooms.get(roomId);
    expect(room?.state).toBe('placed');
    expect(await world.eventsOf(roomId)).toEqual(['assigned', 'migrating', 'migrated']);
    const owner = room?.hostId === old.hostId ? old : next;
    expect((await owner.beat(says)).assignments.map((each) => each.roomId)).toEqual([roomId]);
  });

  it('is given its room again where there is no other', async () => {
    const host = await world.host(kind, region);
    const roomId = await openRoomOf(host);
    const isTold = async () => (await host.beat(says)).assignments.some((each) => each.roomId === roomId);
    await waitFor(isTold, 'it is told of the room');
    expect(await world.hasSlot(region, kind)).toBe(false);
    if (kind === 'streaming') await world.enter(roomId, { 'the-host-again': 'answered' });
    await host.beat(kind === 'game' ? { rooms: [{ roomId, players: 1 }] } : {});
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: host.hostId, state: 'open' });
  });
});

describe('a host that says goodbye, and still reports its room', () => {
  it('keeps it, as one that is only late to go', async () => {
    const host = await world.host('game', region);
    const roomId = await openRoomOf(host);
    const reports = { rooms: [{ roomId, players: 1 }] };
    expect(await host.beat(reports)).toEqual({ assignments: [], released: [] });
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: host.hostId, state: 'open', moves: 0 });
  });
});

describe('a host that was back after its goodbye, and then dies without a word', () => {
  it('loses a room to another one, though it was given it by a gateway that had expected it before', async () => {
    const old = await world.host('game', region);
    // The gateway that gives it both rooms is one; what it knows of hosts is in `world.assignments`.
    const { roomId: first } = await world.createRoom(region, 'game');
    expect(await world.hostRooms.closed(first, old.hostId)).toBe(true);
    await goodbye(old.hostId);
    await world.mover.moveDue();
    await old.beat({ rooms: [] });
    const { roomId } = await world.createRoom(region, 'game');
    await world.pool.removeHost(old.hostId);
    const next = await world.host('game', region);
    const isMoved = async () => (await world.mover.moveDue()) > 0;
    await waitFor(isMoved, 'its room moves', 12_000);
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: next.hostId, state: 'placed' });
  });
});
