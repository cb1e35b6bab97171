import { uniqueId, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

const connect = useConnection();
// Until a seat ends that was promised shortly before the room would have, both its lease and some time are over.
const TIMES = { ...SHORT_TIMES, seatTtlMs: 900 };
let world: RoomWorld;
let region: string;
beforeEach(async () => {
  world = new RoomWorld(await connect(), TIMES);
  region = uniqueId('region');
});

/** A game server that says it is idle with all slots free, whatever it has; and its room, open. */
async function openRoom() {
  const host = await world.host('game', region);
  const { roomId, expiresAtMs } = await world.createRoom(region, 'game');
  const beat = (players: number) => host.beat({ rooms: [{ roomId, players }] });
  await beat(0);
  return { host, roomId, endsAt: expiresAtMs, beat };
}

describe('the slot of a room that nobody is in, and somebody has a seat in', () => {
  it("is nobody else's when its first lease would have ended", async () => {
    const { roomId, endsAt, beat } = await openRoom();
    await waitFor(() => Date.now() > endsAt - 300, 'it is about to end');
    expect(await world.rooms.join(roomId)).toMatchObject({ outcome: 'joined' });
    await beat(0);
    await waitFor(() => Date.now() > endsAt + 100, 'it would have ended');
    expect(await world.rooms.get(roomId)).toMatchObject({ players: 1 });
    expect(await world.hasSlot(region, 'game')).toBe(false);
  });

  it("is nobody else's when those who played have gone", async () => {
    const { roomId, beat } = await openRoom();
    await world.rooms.join(roomId);
    await beat(1);
    await world.rooms.join(roomId);
    await beat(0);
    expect(await world.rooms.get(roomId)).toMatchObject({ players: 1 });
    expect(await world.hasSlot(region, 'game')).toBe(false);
  });

  it("is nobody else's in the very moment when those who played have gone", async () => {
    const { host, roomId, beat } = await openRoom();
    await world.rooms.join(roomId);
    await beat(1);
    await world.rooms.join(roomId);
    const { beat: _, ...about } = host;
    const report = { ...about, availableSlots: 1, rooms: [{ roomId, players: 0 }] };
    let wasFree: boolean | undefined;
    await world.hostRooms.heard(report, async () => {
      await world.pool.heartbeat(report);
      wasFree = await world.hasSlot(region, 'game');
    });
    expect(wasFree).toBe(false);
    expect(await world.hasSlot(region, 'game')).toBe(false);
  });

  it('is free when the room is over, since nobody came', async () => {
    const { roomId, beat } = await openRoom();
    await waitFor(async () => {
      await beat(0);
      return (await world.rooms.get(roomId)) === undefined;
    }, 'it ends');
    await waitFor(() => world.hasSlot(region, 'game'), 'its slot is free');
  });
});

describe('the slots of a host with several rooms', () => {
  it('are as many as its rooms, whichever of them is played in first', async () => {
    world = new RoomWorld(world.redis, { ...TIMES, leaseMs: 20_000, emptyMs: 20_000, keepMs: 20_000 });
    const host = await world.host('game', region, 3);
    const [first, second] = [await world.createRoom(region, 'game'), await world.createRoom(region, 'game')];
    const beat = (one: number, two: number) =>
      host.beat({
        rooms: [
          { roomId: first.roomId, players: one },
          { roomId: second.roomId, players: two },
        ],
      });
    const taken = async () => {
      const [about] = (await world.pool.listHosts({ limit: 1 }))?.hosts ?? [];
      return (about?.leases ?? 0) + (about?.sessions ?? 0);
    };
    for (const [one, two] of [
      [0, 0],
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
    ] as const) {
      await beat(one, two);
      expect([one, two, await taken()]).toEqual([one, two, 2]);
      expect(await world.hasSlot(region, 'game')).toBe(true);
    }
  });
});
