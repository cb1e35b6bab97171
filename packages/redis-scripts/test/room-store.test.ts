import { uniqueId, useRedis, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { RoomStore, type NewRoom } from '../src/index.js';
import { useConnections } from './support.js';

const redis = useRedis();
const connect = useConnections();
const MINUTE_MS = 60_000;
const TIMES = { leaseMs: MINUTE_MS, seatTtlMs: MINUTE_MS };

function newRoom(fields: Partial<NewRoom> = {}): NewRoom {
  return {
    roomId: uniqueId('room'),
    hostId: 'host-1',
    region: 'eu',
    hostRoomId: 'host-room',
    address: '192.0.2.1:7777',
    leaseId: uniqueId('lease'),
    maxPlayers: 3,
    ownerHash: 'ab12',
    where: {},
    visibility: 'private',
    metadata: { mode: 'ffa' },
    expiresAtMs: Date.now() + MINUTE_MS,
    ...fields,
  };
}

/** Two stores, as two gateways have. */
async function stores() {
  const env = { REDIS_URL: redis.url };
  return [new RoomStore(await connect(env), TIMES), new RoomStore(await connect(env), TIMES)] as const;
}

describe('a room', () => {
  it('is read back as it was written, by any gateway', async () => {
    const [one, two] = await stores();
    const room = newRoom();
    const created = await one.create(room);
    const { where: _, ...written } = room;
    expect(created).toEqual({
      ...written,
      state: 'placed',
      moves: 0,
      epoch: 1,
      players: 0,
      locked: false,
      createdAtMs: expect.any(Number) as number,
    });
    expect(await two.get(room.roomId)).toEqual(created);
  });

  it('of a streaming host has no address', async () => {
    const [store] = await stores();
    const room = newRoom({ address: undefined });
    await store.create(room);
    expect(await store.get(room.roomId)).not.toHaveProperty('address');
  });

  it('is never written over', async () => {
    const [one, two] = await stores();
    const room = newRoom();
    await one.create(room);
    expect(await two.create({ ...room, hostId: 'host-2' })).toBeUndefined();
    expect((await one.get(room.roomId))?.hostId).toBe('host-1');
  });

  it('ends with its lease', async () => {
    const [store] = await stores();
    const room = newRoom({ expiresAtMs: Date.now() + 150 });
    await store.create(room);
    await waitFor(async () => !(await store.get(room.roomId)), 'the record expires', 2_000);
    expect(await store.join(room.roomId)).toEqual({ outcome: 'missing' });
  });
});

describe('joining', () => {
  it('seats exactly maxPlayers, however many ask at once on two gateways', async () => {
    const [one, two] = await stores();
    const room = newRoom({ maxPlayers: 7 });
    await one.create(room);
    const joins = Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).join(room.roomId));
    const outcomes = (await Promise.all(joins)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'joined')).toHaveLength(7);
    expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(33);
    expect((await one.get(room.roomId))?.players).toBe(7);
  });

  it('a room that is not there changes nothing', async () => {
    const [store] = await stores();
    const roomId = uniqueId('nowhere');
    expect(await store.join(roomId)).toEqual({ outcome: 'missing' });
    expect(await store.get(roomId)).toBeUndefined();
  });
});

describe('deleting', () => {
  it('succeeds for exactly one of many who delete the same room', async () => {
    const [one, two] = await stores();
    const room = newRoom();
    await one.create(room);
    const deletes = [one, two, one].map((store) => store.delete(room.roomId, 'a test'));
    expect((await Promise.all(deletes)).filter(Boolean)).toHaveLength(1);
    expect(await two.get(room.roomId)).toBeUndefined();
  });

  it('leaves a room alone that was placed anew since it was seen', async () => {
    const [store] = await stores();
    const room = newRoom();
    await store.create(room);
    expect(await store.delete(room.roomId, 'a test', 2)).toBeUndefined();
    expect(await store.get(room.roomId)).toBeDefined();
  });
});
