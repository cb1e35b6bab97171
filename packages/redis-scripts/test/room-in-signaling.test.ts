import { uniqueId, waitFor } from '@parley/testkit';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { reportPresence, type Presence } from '../src/index.js';
import { members, useConnection } from './pool-support.js';
import { RoomWorld, SHORT_TIMES } from './room-support.js';

// Rooms on streaming hosts that report no rooms: all that is known of them is who is in signaling.

const connect = useConnection();
let world: RoomWorld;
let region: string;
beforeEach(async () => {
  world = new RoomWorld(await connect());
  region = uniqueId('region');
});

/** A room that its host has opened, with a client in it. */
async function openRoom(slots = 1, maxPlayers = 4) {
  const host = await world.host('streaming', region, slots);
  const { roomId } = await world.createRoom(region, 'streaming', maxPlayers);
  await world.enter(roomId, { 'the-host': 'answered', ann: 'offered' });
  await host.beat();
  return { host, roomId };
}

const joinOf = (roomId: string) => async () => (await world.rooms.join(roomId)).outcome;

describe('the slot of a room', () => {
  it('is held as long as clients are there, though heartbeats are rarer than ROOM_TTL_SECONDS', async () => {
    // The room is kept for twice the time that a host may be silent, if ROOM_TTL_SECONDS is shorter.
    world = new RoomWorld(await connect(), { ...SHORT_TIMES, leaseMs: 400, emptyMs: 400, keepMs: 3_000 });
    const { host, roomId } = await openRoom();
    for (let beats = 0; beats < 4; beats++) {
      await delay(2 * world.times.leaseMs);
      expect(await world.hasSlot(region, 'streaming')).toBe(false);
      await host.beat();
    }
    expect(await world.rooms.get(roomId)).toMatchObject({ state: 'open', players: 1 });
  });

  it("is not taken up by a client of the host's own room", async () => {
    const { host, roomId } = await openRoom(2);
    const match = await world.pool.allocate({ regions: [region], kinds: ['streaming'] });
    expect(match.outcome).toBe('leased');
    const { hostId, roomId: own } = host;
    const own1: Presence = {
      region,
      hostId,
      roomId: own,
      version: 1,
      members: members({ 'the-host': 'answered', bo: 'offered' }),
    };
    expect(await reportPresence(world.redis, own1)).toBe('ok');
    // It took the lease of its match up, so nothing is free, and nothing is left of that lease to expire.
    const { hosts = [] } = (await world.pool.listHosts({ limit: 1 })) ?? {};
    expect(hosts[0]).toMatchObject({ sessions: 1, leases: 1, free: 0 });
    if (match.outcome === 'leased') expect(await world.pool.release(match)).toBe(false);
    expect((await world.rooms.get(roomId))?.state).toBe('open');
  });

  it('is free, and the room gone, when nobody was there for ROOM_TTL_SECONDS, and not before', async () => {
    const { host, roomId } = await openRoom();
    await world.signaling.leave(roomId, ['ann']);
    await host.beat();
    const emptySince = Date.now();
    await waitFor(
      async () => {
        const isGone = !(await world.rooms.get(roomId));
        // The same in every beat: whoever looks often must not keep it.
        await host.beat();
        return isGone;
      },
      'it is gone',
      4_000,
    );
    const stoodMs = Date.now() - emptySince;
    expect(stoodMs).toBeGreaterThan(world.times.emptyMs - 50);
    expect(stoodMs).toBeLessThan(world.times.keepMs - 200);
    await waitFor(() => world.hasSlot(region, 'streaming'), 'the slot is free', 500);
  });

  it('is held on when a client is back within that time', async () => {
    const { host, roomId } = await openRoom();
    await world.signaling.leave(roomId, ['ann']);
    await host.beat();
    await delay(world.times.emptyMs / 2);
    await world.enter(roomId, { ann2: 'offered' });
    await host.beat();
    await delay(world.times.emptyMs);
    expect(await world.rooms.get(roomId)).toMatchObject({ state: 'open', players: 1 });
    expect(await world.hasSlot(region, 'streaming')).toBe(false);
  });
});

describe('the seats of a room', () => {
  it('are taken by those who are there, once each, from the moment they come', async () => {
    const { host, roomId } = await openRoom(1, 3);
    const join = joinOf(roomId);
    expect(await join()).toBe('joined');
    expect((await world.rooms.get(roomId))?.players).toBe(2);
    await world.enter(roomId, { bo: 'offered' });
    expect((await world.rooms.get(roomId))?.players).toBe(2);
    await host.beat();
    expect((await world.rooms.get(roomId))?.players).toBe(2);
    expect([await join(), await join()]).toEqual(['joined', 'full']);
  });

  it('stay taken by those who are there, between heartbeats too, and are free as soon as they leave', async () => {
    const { roomId } = await openRoom(1, 2);
    const join = joinOf(roomId);
    expect(await join()).toBe('joined');
    await world.enter(roomId, { bo: 'offered' });
    await delay(2 * world.times.seatTtlMs);
    expect(await join()).toBe('full');
    await world.signaling.leave(roomId, ['bo']);
    expect([await join(), await join()]).toEqual(['joined', 'full']);
  });

  it('of a player who joined and never came return', async () => {
    const { roomId } = await openRoom(1, 2);
    const join = joinOf(roomId);
    expect([await join(), await join()]).toEqual(['joined', 'full']);
    await waitFor(async () => (await join()) === 'joined', 'the seat returns', 2_000);
  });

  it('are never more than there are, however players join, come and leave at once', async () => {
    const { roomId } = await openRoom(1, 5);
    let present = 1;
    let most = 0;
    const player = async (name: string) => {
      if ((await world.rooms.join(roomId)).outcome !== 'joined') return;
      await world.enter(roomId, { [name]: 'offered' });
      most = Math.max(most, ++present);
      await delay(20 * Math.random());
      present--;
      await world.signaling.leave(roomId, [name]);
    };
    const names = Array.from({ length: 120 }, (_, i) => `player-${i}`);
    for (let at = 0; at < names.length; at += 20) await Promise.all(names.slice(at, at + 20).map(player));
    expect(most).toBe(5);
  });
});
