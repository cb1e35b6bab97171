import { loadConfig, matchmakerSettings } from '@parley/config';
import { Assignments, PoolStore, RedisConnection, RoomStore, roomTimes } from '@parley/redis-scripts';
import { uniqueId, useStore } from '@parley/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useMatchmakers, type Ask } from './support.js';

const redis = useStore();
const matchmaker = useMatchmakers();
let one: Ask;
let two: Ask;
let connection: RedisConnection;
let rooms: RoomStore;
let createRoom: (region: string) => Promise<string>;

beforeAll(async () => {
  [{ ask: one }, { ask: two }] = await Promise.all([matchmaker(redis.env), matchmaker(redis.env)]);
  const config = loadConfig(matchmakerSettings, redis.env);
  const times = roomTimes(config);
  connection = new RedisConnection(config);
  await connection.connect();
  rooms = new RoomStore(connection, times);
  // What a gateway does.
  createRoom = async (region) => {
    const pool = new PoolStore(connection, config);
    const lease = await pool.allocate({ regions: [region], kinds: ['game'], leaseTtlMs: times.leaseMs });
    if (lease.outcome === 'none') throw new Error('no slot');
    const { roomId: hostRoomId, hostId, address, leaseId, expiresAtMs } = lease;
    const placed = { hostId, region, hostRoomId, address, leaseId, expiresAtMs, where: {} };
    const about = { maxPlayers: 4, ownerHash: 'x', visibility: 'private', metadata: {} } as const;
    const roomId = uniqueId('room');
    await rooms.create({ roomId, ...placed, ...about });
    await new Assignments(connection).add(hostId, roomId, times.hostTtlMs);
    return roomId;
  };
});
afterAll(() => connection.close());

/** A game server, alone in its region. */
async function gameServer() {
  const hostId = uniqueId('host');
  const region = uniqueId('region');
  const report = { hostId, region, roomId: `own-${hostId}`, capacity: 2, address: '192.0.2.1:7777' };
  const beat = async (held: { roomId: string; players: number }[]) => {
    const { status, body } = await one('POST', '/api/host/heartbeat', { ...report, rooms: held });
    expect(status).toBe(200);
    return body;
  };
  await beat([]);
  return { hostId, region, beat };
}

describe('a heartbeat', () => {
  it('is answered as ever where there is nothing to tell', async () => {
    const { beat } = await gameServer();
    expect(await beat([])).toEqual({ success: true, ttl: 30 });
  });

  it('brings the rooms that a host is to open, and those that are not its own any more', async () => {
    const { beat, region } = await gameServer();
    const roomId = await createRoom(region);
    expect((await beat([]))['assignments']).toEqual([
      { roomId, leaseId: expect.any(String) as string, expiresAt: expect.any(Number) as number },
    ]);
    expect(await beat([{ roomId, players: 1 }])).toEqual({ success: true, ttl: 30 });
    await rooms.delete(roomId, 'a test');
    expect((await beat([{ roomId, players: 1 }]))['released']).toEqual([roomId]);
  });
});

describe('a room that its host closes', () => {
  const path = (roomId: string) => `/api/host/rooms/${roomId}/closed`;

  it('is over at once, on any matchmaker, and then unknown', async () => {
    const { region, hostId } = await gameServer();
    const roomId = await createRoom(region);
    expect((await two('POST', path(roomId), { hostId })).body).toEqual({ success: true });
    expect(await rooms.get(roomId)).toBeUndefined();
    const again = await two('POST', path(roomId));
    expect([again.status, again.body['code']]).toEqual([404, 'room_not_found']);
  });

  it("is not closed by a host that has lost it, nor without the hosts' secret", async () => {
    const { region } = await gameServer();
    const roomId = await createRoom(region);
    expect((await one('POST', path(roomId), { hostId: 'a-former-host' })).status).toBe(404);
    expect((await one('POST', path(roomId), undefined, {})).status).toBe(401);
    expect((await one('POST', path(roomId), undefined, { Authorization: 'Bearer no' })).status).toBe(403);
    expect(await rooms.get(roomId)).toBeDefined();
  });
});
