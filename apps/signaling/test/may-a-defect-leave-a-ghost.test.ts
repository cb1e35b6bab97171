import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { loadConfig, signalingSettings } from '@parley/config';
import { RedisConnection, SignalingStore } from '@parley/redis-scripts';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor, type TcpProxy } from '@parley/testkit';
import { Limits } from '../src/limits/limits.js';
import { ServerSocket } from '../src/door/server-socket.js';
import { Connection, type ConnectionContext } from '../src/member/connection.js';
import { Outflow } from '../src/member/outflow.js';
import { Room } from '../src/room/room.js';
import type { RoomContext } from '../src/room/context.js';
import { membersIn } from './support/redis.js';
import { offer } from './support/messages.js';

const redis = useRedis();
const server = createServer();
let proxy: TcpProxy;
let connection: RedisConnection;

beforeAll(async () => {
  proxy = await startTcpProxy(redis.url);
  connection = new RedisConnection(loadConfig(signalingSettings, { REDIS_URL: proxy.url }));
  await connection.connect();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  connection.close();
  server.close();
  await proxy.stop();
});

/** A room that fails at whatever is to be relayed. */
function brokenRoom(): Room {
  const store = new SignalingStore(connection, {
    instanceId: uniqueId('instance'),
    capacity: 2,
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
    onPresence: () => {},
    schedule: (queue: { start(): void }) => setImmediate(() => queue.start()),
    onIdle: () => {},
    onStalled: () => {},
    metrics: {
      fanout: {
        sample() {
          throw new Error('broken');
        },
      },
    },
  } as unknown as RoomContext;
  return new Room(uniqueId('room'), context);
}

it('not of a member whose last message meets it after its connection has ended', async () => {
  const room = brokenRoom();
  const defects: unknown[] = [];
  let isOver = false;
  const context = {
    limits: new Limits(connection, loadConfig(signalingSettings, {})),
    outflow: new Outflow(),
    inboxMaxBytes: 100_000,
    maxBufferedBytes: 100_000,
    retryAfterMs: () => 0,
    onDefect: (error: unknown) => defects.push(error),
    onEnd: () => (isOver = true),
  } as unknown as ConnectionContext;
  const sockets = new WebSocketServer({ server, WebSocket: ServerSocket });
  sockets.on('connection', (socket, request) => {
    const identity = { memberId: uniqueId('member'), ip: '10.0.0.9', isBrowser: false };
    const member = new Connection(socket, request.socket, identity, context);
    void room.join(member.member, () => undefined).then(() => member.joined(room));
  });
  const { port } = server.address() as AddressInfo;
  const client = await openSocket(`ws://127.0.0.1:${port}/`);
  await waitFor(async () => (await membersIn(redis.env, room.id)) === 1, 'it is a member');
  proxy.latencyMs = 200;
  client.send(offer);
  client.socket.terminate();
  await waitFor(() => isOver, 'its connection has ended');
  expect(defects).toEqual([]);
  await waitFor(() => defects.length > 0, 'the defect is met');
  await waitFor(async () => (await membersIn(redis.env, room.id)) === 0, 'it has left');
  await waitFor(() => room.isOver, 'nobody is left');
});
