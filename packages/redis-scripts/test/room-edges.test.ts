import { uniqueId, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { PoolStore, RoomMover } from '../src/index.js';
import { intercept, useConnection } from './pool-support.js';
import { RoomWorld } from './room-support.js';

const connect = useConnection();
let world: RoomWorld;
let region: string;
beforeEach(async () => {
  world = new RoomWorld(await connect());
  region = uniqueId('region');
});

describe('an owner', () => {
  it('who allows fewer players than there are sends nobody away, and nobody joins until there are fewer', async () => {
    const host = await world.host('game', region);
    const { roomId } = await world.createRoom(region, 'game', 4);
    const beat = (players: number) => host.beat({ rooms: [{ roomId, players }] });
    const join = async () => (await world.rooms.join(roomId)).outcome;
    await beat(3);
    expect(await world.rooms.patch(roomId, { maxPlayers: 2 })).toMatchObject({ players: 3, maxPlayers: 2 });
    expect(await join()).toBe('full');
    await beat(2);
    expect(await join()).toBe('full');
    await beat(1);
    expect([await join(), await join()]).toEqual(['joined', 'full']);
  });

  it('who locks the room lets nobody in, and those who are in stay', async () => {
    const host = await world.host('game', region);
    const { roomId } = await world.createRoom(region, 'game', 4);
    await host.beat({ rooms: [{ roomId, players: 1 }] });
    await world.rooms.patch(roomId, { locked: true });
    expect((await world.rooms.join(roomId)).outcome).toBe('locked');
    expect(await host.beat({ rooms: [{ roomId, players: 1 }] })).toEqual({ assignments: [], released: [] });
    await world.rooms.patch(roomId, { locked: false });
    expect((await world.rooms.join(roomId)).outcome).toBe('joined');
  });
});

describe('a room that is deleted while it moves', () => {
  /** Deleted right before a script of the mover runs. */
  it.each(['pool-allocate', 'gateway-finish-move', 'pool-release'])(
    'before %s is gone for good, its host is told, and no slot is held for it',
    async (script) => {
      const old = await world.host('game', region);
      const { roomId } = await world.createRoom(region, 'game');
      await old.beat({ rooms: [{ roomId, players: 1 }] });
      await world.pool.removeHost(old.hostId);
      const next = await world.host('game', region);
      const redis = intercept(world.redis, async (name) => {
        if (name !== script) return;
        // What a gateway does.
        const deleted = await world.rooms.delete(roomId, 'its owner deleted it');
        if (deleted) await world.pool.release(deleted);
      });
      const pool = new PoolStore(redis, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 });
      await new RoomMover(redis, pool, world.times).move(roomId, old.hostId);
      expect(await world.mover.move(roomId, old.hostId)).toBe('left');
      expect(await world.rooms.get(roomId)).toBeUndefined();
      expect((await world.eventsOf(roomId)).at(-1)).toBe('closed');
      expect((await old.beat({ rooms: [{ roomId, players: 1 }] })).released).toEqual([roomId]);
      await next.beat({ rooms: [] });
      expect((await world.pool.allocate({ hostId: next.hostId, kinds: ['game'] })).outcome).toBe('leased');
    },
  );
});

describe('a host that says goodbye', () => {
  it('twice, and comes back, is given its rooms again where no other could have them', async () => {
    const host = await world.host('game', region, 2);
    const { roomId } = await world.createRoom(region, 'game');
    await host.beat({ rooms: [{ roomId, players: 1 }] });
    for (let i = 0; i < 2; i++) {
      await world.pool.removeHost(host.hostId);
      await world.hostRooms.goodbye(host.hostId);
    }
    await world.mover.moveDue();
    expect((await world.rooms.get(roomId))?.state).toBe('migrating');
    const isOpened = async () => {
      const { assignments } = await host.beat({ rooms: [] });
      if (assignments.length === 0) return false;
      await host.beat({ rooms: [{ roomId, players: 1 }] });
      return (await world.rooms.get(roomId))?.state === 'open';
    };
    await waitFor(isOpened, 'it opens the room again', 3_000);
    expect(await world.rooms.get(roomId)).toMatchObject({ hostId: host.hostId });
  });
});
