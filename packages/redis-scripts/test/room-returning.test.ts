import { uniqueId } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { useConnection } from './pool-support.js';
import { RoomWorld } from './room-support.js';

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
