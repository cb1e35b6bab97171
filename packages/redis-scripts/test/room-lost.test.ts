import { setTimeout as delay } from 'node:timers/promises';
import { uniqueId } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RedisConnection } from '../src/index.js';
import { intercept, useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

const connect = useConnection();
const LONG_TIMES = { ...SHORT_TIMES, hostTtlMs: 10_000, leaseMs: 20_000, keepMs: 20_000, emptyMs: 20_000 };
let redis: RedisConnection;
/** Each knows what it has heard of itself, as two matchmakers do. */
let world: RoomWorld;
let other: RoomWorld;
let region: string;
beforeEach(async () => {
  redis = await connect();
  world = new RoomWorld(redis, LONG_TIMES);
  other = new RoomWorld(redis, LONG_TIMES);
  region = uniqueId('region');
});

async function lose(): Promise<void> {
  await delay(150);
  await redis.command('lose', async (client) => {
    const nodes = 'nodes' in client ? client.nodes('master') : [client];
    await Promise.all(nodes.map((node) => node.flushall()));
  });
}

const HOST = { 'the-host': 'answered' } as const;
const ALL = { ...HOST, 'a-client': 'offered' } as const;

/** A streaming host that reports no rooms, and a room that it has opened; a client is in it. */
async function streamingRoom(members: Parameters<RoomWorld['enter']>[1] = ALL) {
  const host = await world.host('streaming', region);
  const room = await world.createRoom(region, 'streaming');
  await world.enter(room.roomId, members);
  await host.beat();
  await host.beat();
  expect(await world.rooms.get(room.roomId)).toMatchObject({ state: 'open' });
  return { host, room };
}

describe('a room of a streaming host that reports none, after Redis has lost it', () => {
  it('is back once its host is seen in it again, with the players that are there, and its slot is taken once', async () => {
    const { host, room } = await streamingRoom();
    const before = await world.rooms.get(room.roomId);
    await lose();
    expect(await host.beat()).toEqual({ assignments: [], released: [] });
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
    await world.enter(room.roomId, ALL);
    await host.beat();
    const { expiresAtMs: _, epoch = 0, ...same } = before ?? {};
    const now = await world.rooms.get(room.roomId);
    expect(now).toMatchObject(same);
    expect(now?.epoch).toBeGreaterThan(epoch);
    expect(await world.assignments.of(host.hostId)).toEqual([room.roomId]);
    const { hosts = [] } = (await world.pool.listHosts({ limit: 10 })) ?? {};
    // All of its slots, once: what stands for the lost leases has given one to the room.
    expect(hosts).toMatchObject([{ hostId: host.hostId, free: 0, leases: 1, sessions: 0 }]);
  });

  it('is back when nobody but its host was in it, and still ends', async () => {
    const { host, room } = await streamingRoom(HOST);
    const ended = (await world.rooms.get(room.roomId))?.expiresAtMs ?? 0;
    await lose();
    await world.enter(room.roomId, HOST);
    await host.beat();
    const now = await world.rooms.get(room.roomId);
    expect(now).toMatchObject({ state: 'open', players: 0 });
    expect(Math.abs((now?.expiresAtMs ?? 0) - ended)).toBeLessThan(1_000);
  });

  it('is not back where only clients are in it', async () => {
    const { host, room } = await streamingRoom();
    await lose();
    await world.enter(room.roomId, { 'a-client': 'offered' });
    await host.beat();
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
  });

  it('is not back when its host said that it is over, or said goodbye', async () => {
    const closed = await streamingRoom();
    await world.hostRooms.closed(closed.room.roomId, closed.host.hostId);
    region = uniqueId('region');
    const left = await streamingRoom();
    await world.pool.removeHost(left.host.hostId);
    await world.hostRooms.goodbye(left.host.hostId);
    await lose();
    for (const { host, room } of [closed, left]) {
      await world.enter(room.roomId, ALL);
      await host.beat();
      expect(await world.rooms.get(room.roomId)).toBeUndefined();
    }
  });
});

describe('a room that Redis has lost before its host opened it', () => {
  const cases = [
    ['streaming', 'reports no rooms', {}],
    ['game', 'reports rooms', { rooms: [] }],
  ] as const;

  it.each(cases)('is back with its slot, and its host hears of it again: %s, %s', async (kind, _, has) => {
    const host = await world.host(kind, region);
    const room = await world.createRoom(region, kind);
    expect((await host.beat(has)).assignments).toHaveLength(1);
    await lose();
    const told = await host.beat(has);
    expect(told.assignments).toMatchObject([{ roomId: room.roomId, leaseId: room.leaseId }]);
    expect(await world.rooms.get(room.roomId)).toMatchObject({ state: 'placed', hostId: host.hostId });
    expect(await world.pool.renew(room, 10_000)).toBe(true);
  });

  it.each(cases)(
    'is not back where it may be elsewhere by now, since it is late: %s, %s',
    async (kind, _, has) => {
      world = new RoomWorld(redis, { ...LONG_TIMES, leaseMs: 400, emptyMs: 400 });
      const host = await world.host(kind, region);
      const room = await world.createRoom(region, kind);
      await host.beat(has);
      await delay(200);
      await lose();
      await host.beat(has);
      expect(await world.rooms.get(room.roomId)).toBeUndefined();
    },
  );
});

describe('a room that Redis has lost, and whose matchmaker dies between writing it and promising its slot', () => {
  it.each(['streaming', 'game'] as const)('has its slot by the next heartbeat: %s', async (kind) => {
    let isDying = false;
    const dying = intercept(redis, (name) => {
      if (isDying && name === 'pool-renew') throw new Error('it died');
    });
    world = new RoomWorld(dying, LONG_TIMES);
    const host = await world.host(kind, region);
    const room = await world.createRoom(region, kind);
    const { roomId } = room;
    const has = kind === 'game' ? { rooms: [{ roomId, players: 0 }] } : {};
    await world.enter(roomId, HOST);
    await host.beat(has);
    await lose();
    await world.enter(roomId, HOST);
    isDying = true;
    await expect(host.beat(has)).rejects.toThrow('it died');
    isDying = false;
    expect(await world.rooms.get(roomId)).toMatchObject({ state: 'open', players: 0 });
    expect(await world.pool.renew(room, 10_000)).toBe(false);
    await host.beat(has);
    expect(await world.pool.renew(room, 10_000)).toBe(true);
  });
});

/** A game server with a room that one plays in; both worlds have heard of it. */
async function gameRoom() {
  const host = await world.host('game', region, 2);
  const { hostId, roomId: own, address } = host;
  const room = await world.createRoom(region, 'game');
  const { roomId } = room;
  const report = { hostId, region, roomId: own, address, rooms: [{ roomId, players: 1 }] };
  const beat = async (at: RoomWorld, changes: object = {}) => {
    const all = { ...report, status: 'idle', capacity: 2, availableSlots: 2, ...changes } as const;
    await at.pool.heartbeat(all);
    return at.hostRooms.heard(all);
  };
  for (const each of [world, other]) await beat(each);
  return { host, room, beat };
}

describe('a room that is not there, though Redis has lost nothing', () => {
  it('is not written by who has not heard yet that it was deleted', async () => {
    const { room, beat } = await gameRoom();
    expect(await world.rooms.delete(room.roomId, 'its owner deleted it')).toBeDefined();
    expect((await beat(world)).released).toEqual([room.roomId]);
    await beat(other);
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
  });

  it('is told of once to a streaming host, and not again by who still remembers it', async () => {
    const { host, room } = await streamingRoom();
    const report = { hostId: host.hostId, region, roomId: host.roomId };
    await other.hostRooms.heard(report);
    await world.rooms.delete(room.roomId, 'its owner deleted it');
    expect((await world.hostRooms.heard(report)).released).toEqual([room.roomId]);
    for (const each of [other, world, other]) {
      expect(await each.hostRooms.heard(report)).toEqual({ assignments: [], released: [] });
    }
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
  });

  it('is not written when it may have ended since it was heard of: such an end leaves nothing behind', async () => {
    const times = { ...LONG_TIMES, leaseMs: 400, emptyMs: 400 };
    world = new RoomWorld(redis, times);
    other = new RoomWorld(redis, times);
    const { room, beat } = await gameRoom();
    await delay(450);
    await lose();
    await beat(world);
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
  });
});

describe('a room that Redis has lost', () => {
  it('is another placement of it: who moved it before does not finish, and one that knows an older one writes nothing', async () => {
    const { room, beat, host } = await gameRoom();
    await world.rooms.patch(room.roomId, { maxPlayers: 9, metadata: { of: 'later' } });
    await beat(world);
    await lose();
    await beat(world);
    await beat(other);
    const now = await world.rooms.get(room.roomId);
    expect(now).toMatchObject({
      maxPlayers: 9,
      metadata: { of: 'later' },
      hostId: host.hostId,
      state: 'open',
    });
    const { epoch = 0 } = now ?? {};
    expect(epoch).toBeGreaterThan(Date.now() - 60_000);
    expect(await world.rooms.delete(room.roomId, 'seen before', room.epoch)).toBeUndefined();

    await lose();
    await beat(other);
    expect(await world.rooms.get(room.roomId)).toMatchObject({ maxPlayers: 9 });
    expect((await world.rooms.get(room.roomId))?.epoch).toBeGreaterThan(epoch);
  });

  it("is no other host's, although that one reports it, too", async () => {
    const { room, beat } = await gameRoom();
    const thief = await world.host('game', region);
    await lose();
    await thief.beat({ rooms: [{ roomId: room.roomId, players: 1 }] });
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
    await beat(world);
    const told = await thief.beat({ rooms: [{ roomId: room.roomId, players: 1 }] });
    expect(told.released).toEqual([room.roomId]);
  });

  it('is over where everybody left meanwhile', async () => {
    const { room, beat } = await gameRoom();
    await lose();
    await beat(world, { rooms: [{ roomId: room.roomId, players: 0 }] });
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
    expect((await beat(other)).released).toEqual([room.roomId]);
    expect(await world.rooms.get(room.roomId)).toBeUndefined();
  });
});
