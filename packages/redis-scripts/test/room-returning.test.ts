import { uniqueId } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { HostRooms, RoomMover } from '../src/index.js';
import { intercept, useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

const connect = useConnection();
let world: RoomWorld;
beforeEach(async () => {
  world = new RoomWorld(await connect());
});

describe('a host that is back', () => {
  it('in another region takes its room, and the slot of it, along', async () => {
    const [from, to] = [uniqueId('from'), uniqueId('to')];
    const host = await world.host('game', from, 2);
    const { roomId } = await world.createRoom(from, 'game');
    await host.beat({ region: to });
    await host.beat({ region: to });
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: host.hostId, region: to });
    // Whoever deletes it gives the slot back where it is now.
    const deleted = await world.rooms.delete(roomId, 'a test');
    expect(deleted && (await world.pool.release(deleted))).toBe(true);
    expect(await world.hasSlot(to, 'game')).toBe(true);
  });

  it('at another address has its rooms there, and those who watch are told', async () => {
    const region = uniqueId('region');
    const host = await world.host('game', region);
    const { roomId } = await world.createRoom(region, 'game');
    await host.beat({ rooms: [{ roomId, players: 1 }], address: '192.0.2.9:99' });
    expect(await world.rooms.get(roomId)).toMatchObject({ address: '192.0.2.9:99', state: 'open' });
    const last = (await world.events.since(roomId, '0-0')).at(-1);
    expect(last).toMatchObject({ type: 'migrated', fields: { address: '192.0.2.9:99' } });
  });

  it('and reports a room that a gateway wrote and died before it was listed, is given it', async () => {
    const region = uniqueId('region');
    const host = await world.host('game', region);
    const { roomId } = await world.createRoom(region, 'game');
    await world.assignments.remove(host.hostId, [roomId]);
    await host.beat({ rooms: [{ roomId, players: 1 }] });
    expect(await world.assignments.of(host.hostId)).toEqual([roomId]);
  });
});

describe('a streaming host that is back in its room, whose lease ended meanwhile', () => {
  const region = uniqueId('region');

  /** A room that waits for a host: its own is gone, and there is no other. */
  async function waitingRoom(members: Parameters<RoomWorld['enter']>[1]) {
    world = new RoomWorld(await connect(), {
      ...SHORT_TIMES,
      leaseMs: 20_000,
      keepMs: 20_000,
      emptyMs: 20_000,
    });
    const host = await world.host('streaming', region);
    const room = await world.createRoom(region, 'streaming');
    await world.enter(room.roomId, members);
    await host.beat();
    await world.pool.removeHost(host.hostId);
    await world.pool.release(room);
    expect(await world.mover.move(room.roomId, host.hostId)).toBe('waits');
    return { host, room };
  }

  it.each([
    ['with a client', { 'the-host': 'answered', 'a-client': 'offered' }],
    ['alone', { 'the-host': 'answered' }],
  ] as const)('%s: the room has its slot again', async (_, members) => {
    const { host, room } = await waitingRoom(members);
    await host.beat();
    expect(await world.rooms.get(room.roomId)).toMatchObject({ state: 'open', hostId: host.hostId });
    expect(await world.hasSlot(region, 'streaming')).toBe(false);
    // With the room it is given back.
    const deleted = await world.rooms.delete(room.roomId, 'a test');
    expect(deleted && (await world.pool.release(deleted))).toBe(true);
    expect(await world.hasSlot(region, 'streaming')).toBe(true);
  });

  it('and is deleted at that moment: no slot is held for it', async () => {
    const { host, room } = await waitingRoom({ 'the-host': 'answered', 'a-client': 'offered' });
    const redis = intercept(world.redis, async (name) => {
      if (name !== 'gateway-retake-slot') return;
      const deleted = await world.rooms.delete(room.roomId, 'its owner deleted it');
      expect(deleted && (await world.pool.release(deleted))).toBe(false);
    });
    const { hostId, roomId, status, capacity } = host;
    const report = { hostId, roomId, region, status, capacity, availableSlots: 1 };
    await world.pool.heartbeat(report);
    const mover = new RoomMover(redis, world.pool, world.times);
    await new HostRooms(redis, mover, world.pool, world.times).heard(report);
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
    expect(await world.hasSlot(region, 'streaming')).toBe(true);
  });

  it('and counts the room itself: no slot is held twice', async () => {
    world = new RoomWorld(await connect());
    const host = await world.host('streaming', region, 2);
    const { roomId } = await world.createRoom(region, 'streaming');
    await world.enter(roomId, { 'the-host': 'answered', 'a-client': 'offered' });
    for (let i = 0; i < 3; i++) await host.beat({ availableSlots: 1 });
    const request = { regions: [region], kinds: ['streaming'] } as const;
    expect((await world.pool.allocate(request)).outcome).toBe('leased');
    expect((await world.pool.allocate(request)).outcome).toBe('none');
  });
});
