import { uniqueId, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { OverviewStore, PoolStore, RoomMover } from '../src/index.js';
import { intercept, useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

const connect = useConnection();
let world: RoomWorld;
beforeEach(async () => {
  world = new RoomWorld(await connect());
});

/** A mover that dies right after some script: nothing that it has begun reaches Redis any more. */
function moverThatDiesAfter(script: string): RoomMover {
  let isDead = false;
  const dying = intercept(world.redis, (name) => {
    if (isDead) throw new Error('dead');
    isDead = name === script;
  });
  const pool = new PoolStore(dying, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 });
  return new RoomMover(dying, pool, world.times);
}

async function roomOfDeadHost() {
  const region = uniqueId('region');
  const old = await world.host('game', region);
  const { roomId } = await world.createRoom(region, 'game');
  await old.beat({ rooms: [{ roomId, players: 1 }] });
  await world.pool.removeHost(old.hostId);
  const next = await world.host('game', region);
  return { old, next, roomId };
}

const migrations = async () => (await new OverviewStore(world.redis).read()).migrations;
const untilCounted = (wanted: number) =>
  waitFor(async () => (await migrations()) >= wanted, 'the migration is counted');

describe('a migration is counted once', () => {
  it('when its mover dies before it can say so, and the new host heartbeats first', async () => {
    const { old, next, roomId } = await roomOfDeadHost();
    await expect(moverThatDiesAfter('gateway-finish-move').move(roomId, old.hostId)).rejects.toThrow('dead');
    await next.beat({ rooms: [{ roomId, players: 1 }] });
    await untilCounted(1);
    // Whoever looks after the old host finds the room moved; so does the old host.
    expect(await world.mover.move(roomId, old.hostId)).toBe('left');
    await next.beat({ rooms: [{ roomId, players: 2 }] });
    expect((await old.beat({ rooms: [{ roomId, players: 1 }] })).released).toEqual([roomId]);
    await next.beat({ rooms: [{ roomId, players: 0 }] });
    expect(await world.rooms.get(roomId)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await migrations()).toBe(1);
  });

  it('when its mover dies, and the next mover finds it done', async () => {
    const { old, next, roomId } = await roomOfDeadHost();
    await expect(moverThatDiesAfter('gateway-finish-move').move(roomId, old.hostId)).rejects.toThrow('dead');
    expect(await world.mover.move(roomId, old.hostId)).toBe('left');
    await untilCounted(1);
    // And the new host hears of it.
    expect((await next.beat({ rooms: [] })).assignments.map((each) => each.roomId)).toEqual([roomId]);
    expect(await migrations()).toBe(1);
  });

  it('when the room ends before anybody said that it moved', async () => {
    const { old, roomId } = await roomOfDeadHost();
    await expect(moverThatDiesAfter('gateway-finish-move').move(roomId, old.hostId)).rejects.toThrow('dead');
    await world.rooms.delete(roomId, 'a test');
    await untilCounted(1);
    expect(await migrations()).toBe(1);
  });
});

describe('a mover that dies', () => {
  it.each([
    'gateway-begin-move',
    'pool-allocate',
    'gateway-finish-move',
    'pool-release',
    'gateway-assign-room',
  ])(
    'after %s leaves a room that the next one gives exactly one host, and no slot for longer than a lease',
    async (script) => {
      const { old, next, roomId } = await roomOfDeadHost();
      await moverThatDiesAfter(script)
        .move(roomId, old.hostId)
        .catch(() => undefined);
      const isMoved = async () => (await world.mover.move(roomId, old.hostId)) === 'left';
      await waitFor(isMoved, 'the next one moves it', 4_000);
      expect(await world.rooms.get(roomId)).toMatchObject({ hostId: next.hostId, moves: 1 });
      await next.beat({ rooms: [{ roomId, players: 1 }] });
      await next.beat({ rooms: [{ roomId, players: 0 }] });
      const isFree = async () => {
        await next.beat({ rooms: [] });
        return world.hasSlot(next.region, 'game');
      };
      await waitFor(isFree, 'the slot is free', 4_000);
    },
  );
});

describe('a mover that dies where there is just one slot', () => {
  const LONG_MS = 60_000;
  /** A mover's slot is its own for as long as the rooms of the dead host are, about 4 s. */
  const PATIENCE_MS = 20_000;
  beforeEach(async () => {
    world = new RoomWorld(await connect(), { ...SHORT_TIMES, leaseMs: LONG_MS, keepMs: LONG_MS });
  });
  const dieAfter = async (script: string) => {
    const scene = await roomOfDeadHost();
    const dying = moverThatDiesAfter(script).move(scene.roomId, scene.old.hostId);
    await expect(dying).rejects.toThrow('dead');
    expect(await world.hasSlot(scene.next.region, 'game')).toBe(false);
    return scene;
  };

  it('gives it back long before the time of the room is over', { timeout: 2 * PATIENCE_MS }, async () => {
    const { old, next, roomId } = await dieAfter('pool-allocate');
    const isMoved = async () => (await world.mover.move(roomId, old.hostId)) === 'left';
    await waitFor(isMoved, 'the next mover finds the slot', PATIENCE_MS, 100);
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: next.hostId, moves: 1 });
    // And for this room it is promised for longer than that.
    expect((await world.rooms.get(roomId))?.expiresAtMs).toBeGreaterThan(Date.now() + LONG_MS / 2);
  });

  it(
    'after it wrote the room: the next one gives the room its slot for good',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      const { old, next, roomId } = await dieAfter('gateway-finish-move');
      await waitFor(() => world.hasSlot(next.region, 'game'), 'the lease ends', PATIENCE_MS, 100);
      expect(await world.mover.move(roomId, old.hostId)).toBe('left');
      expect(await world.hasSlot(next.region, 'game')).toBe(false);
      expect((await next.beat({ rooms: [] })).assignments.map((each) => each.roomId)).toEqual([roomId]);
    },
  );

  it(
    'and one that lives has the slot for as long as the room has',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      const { old, next, roomId } = await roomOfDeadHost();
      expect(await world.mover.move(roomId, old.hostId)).toBe('left');
      const startedAt = Date.now();
      const isLater = async () => {
        expect(await world.hasSlot(next.region, 'game')).toBe(false);
        return Date.now() - startedAt > 7_000;
      };
      await waitFor(isLater, 'a first promise would be over', PATIENCE_MS, 100);
    },
  );
});
