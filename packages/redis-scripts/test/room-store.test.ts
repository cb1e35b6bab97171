import { uniqueId, useRedis, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { RoomStore, type NewRoom } from '../src/index.js';
import { useConnections } from './support.js';

const redis = useRedis();
const connect = useConnections();
const MINUTE_MS = 60_000;

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
    expiresAtMs: Date.now() + MINUTE_MS,
    ...fields,
  };
}

/** Two stores, as two gateways have. */
async function stores() {
  const env = { REDIS_URL: redis.url };
  return [new RoomStore(await connect(env)), new RoomStore(await connect(env))] as const;
}

describe('a room', () => {
  it('is read back as it was written, by any gateway', async () => {
    const [one, two] = await stores();
    const room = newRoom();
    expect(await one.create(room)).toBe('created');
    expect(await two.get(room.roomId)).toEqual({ ...room, players: 0 });
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
    expect(await two.create({ ...room, hostId: 'host-2' })).toBe('exists');
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
    const answers = await Promise.all([one.delete(room), two.delete(room), one.delete(room)]);
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await two.get(room.roomId)).toBeUndefined();
  });

  it('leaves a room alone that got the name since', async () => {
    const [store] = await stores();
    const seen = newRoom();
    await store.create({ ...seen, leaseId: 'a later lease' });
    expect(await store.delete(seen)).toBe(false);
    expect(await store.get(seen.roomId)).toBeDefined();
  });
});
