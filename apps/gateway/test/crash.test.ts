import { gatewaySettings, loadConfig } from '@parley/config';
import {
  Assignments,
  CreateClaims,
  PoolStore,
  PublicRooms,
  RoomNews,
  RedisConnection,
  RoomStore,
  roomTimes,
} from '@parley/redis-scripts';
import { uniqueId, useRedis, waitFor } from '@parley/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RoomCreator } from '../src/rooms/create-once.js';
import { RoomPlacer } from '../src/rooms/place-room.js';
import { hostReport, useGateways } from './support.js';

const redis = useRedis();
const { gateway, matchmaker } = useGateways();
const ENV = { HOST_TTL_SECONDS: '5', LEASE_TTL_SECONDS: '1', ROOM_TTL_SECONDS: '2' };
let connection: RedisConnection;
beforeAll(async () => {
  connection = new RedisConnection(loadConfig(gatewaySettings, { REDIS_URL: redis.url }));
  await connection.connect();
});
afterAll(() => connection.close());

/** A gateway's connection that does so many more steps, and then nothing any more, as after a SIGKILL. */
function dyingAfter(steps: number): RedisConnection {
  let left = steps;
  const step = () => {
    if (left-- <= 0) throw new Error('dead');
  };
  const run: RedisConnection['run'] = async (script, input) => {
    step();
    return connection.run(script, input);
  };
  const command: RedisConnection['command'] = async (name, send) => {
    step();
    return connection.command(name, send);
  };
  return Object.assign(Object.create(connection) as RedisConnection, { run, command, keys: connection.keys });
}

/** What creates rooms in a gateway, over a connection. */
function creatorOver(over: RedisConnection): RoomCreator {
  const config = loadConfig(gatewaySettings, ENV);
  const times = roomTimes(config);
  const rooms = new RoomStore(over, times);
  const lists = [new Assignments(over), new PublicRooms(over, rooms), new RoomNews(over)] as const;
  const placer = new RoomPlacer(new PoolStore(over, config), rooms, ...lists, times);
  return new RoomCreator(placer, rooms, new CreateClaims(over));
}

describe('a gateway that dies while it creates a room', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('after %i steps leaks nothing, and a retry gets a room', async (steps) => {
    const host = hostReport({ capacity: 2, availableSlots: 2, rooms: [] });
    const mm = await matchmaker({ ...ENV, REDIS_URL: redis.url });
    const { ask } = await gateway({ ...ENV, REDIS_URL: redis.url });
    await mm.heartbeat(host);
    const key = uniqueId('key');
    const where = { regions: [host.region] };
    await creatorOver(dyingAfter(steps))
      .createOnce(key, { where, maxPlayers: 10_000, visibility: 'private', metadata: {} })
      .catch(() => undefined);
    const { status, body } = await ask(
      'POST',
      '/api/rooms',
      { region: host.region },
      { 'Idempotency-Key': key },
    );
    expect(status).toBe(201);
    // Its host hears of it, whoever wrote it.
    const { assignments } = await mm.heartbeat(host);
    expect(assignments.map((each) => each.roomId)).toEqual([body['roomId']]);
    const owner = { Authorization: `Bearer ${String(body['ownerToken'])}` };
    await ask('DELETE', `/api/rooms/${String(body['roomId'])}`, undefined, owner);
    // Both slots are free again, at the latest when the lease of the dead one is over.
    const bothFree = async () => {
      await mm.heartbeat(host);
      const { body: first } = await ask('POST', '/api/rooms', { region: host.region });
      const { body: second } = await ask('POST', '/api/rooms', { region: host.region });
      for (const { roomId, ownerToken } of [first, second]) {
        const bearer = { Authorization: `Bearer ${String(ownerToken)}` };
        if (typeof roomId === 'string') await ask('DELETE', `/api/rooms/${roomId}`, undefined, bearer);
      }
      return first['roomId'] && second['roomId'];
    };
    await waitFor(bothFree, 'both slots are free', 4_000);
  });
});
