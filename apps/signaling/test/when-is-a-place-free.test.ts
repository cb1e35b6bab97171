import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { RedisConnection, SignalingStore } from '@parley/redis-scripts';
import { startTcpProxy, uniqueId, useRedis, type TcpProxy } from '@parley/testkit';
import { Member } from '../src/member/member.js';
import type { RoomContext } from '../src/room/context.js';
import { Room } from '../src/room/room.js';

const redis = useRedis();
let proxy: TcpProxy;
let connection: RedisConnection;

beforeAll(async () => {
  proxy = await startTcpProxy(redis.url);
  connection = new RedisConnection(loadConfig(signalingSettings, { REDIS_URL: proxy.url }));
  await connection.connect();
});
afterAll(async () => {
  connection.close();
  await proxy.stop();
});

/** A room of one instance; only what joins and leaves use is there. */
function roomFor(capacity: number): Room {
  const store = new SignalingStore(connection, {
    instanceId: uniqueId('instance'),
    capacity,
    roomTtlMs: 60_000,
    aliveMs: 60_000,
    heldMaxMessages: 1,
    heldMaxBytes: 1,
    heldTtlMs: 1_000,
  });
  const context = {
    store,
    index: { add: async () => {} },
    limits: { withJoin: (_room: string, join: (draw: string) => unknown) => join('') },
    judge: async () => ({ dead: [], suspects: [] }),
    mayJudge: () => false,
    onPresence: () => {},
    schedule: (queue: { start(): void }) => setImmediate(() => queue.start()),
    onIdle: () => {},
  } as unknown as RoomContext;
  return new Room(uniqueId('room'), context);
}

const member = () =>
  new Member(uniqueId('member'), false, { isOver: false, send: () => {}, close: () => {} });

it('a place that was given up while somebody asks for it is free', async () => {
  const room = roomFor(2);
  const [stays, leaves, comes] = [member(), member(), member()];
  expect(await room.join(stays, () => undefined)).toBe('joined');
  expect(await room.join(leaves, () => undefined)).toBe('joined');
  proxy.latencyMs = 100;
  const outcome = room.join(comes, () => undefined);
  for (let i = 0; i < 3; i++) await nextTurn();
  // Redis has been asked, and sees a full room.
  room.leave(leaves);
  expect(await outcome).toBe('joined');
  expect(await room.join(member(), () => undefined)).toBe('full');
});
