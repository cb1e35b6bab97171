/**
 * Reference B: the same on several processes. A process subscribes to a channel for each room that it has members in,
 * counts a room's members in Redis, and sends one PUBLISH a message while a remote member exists. No validation, no
 * limits, no order or repair beyond what TCP gives.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';

interface Room {
  readonly members: Set<WebSocket>;
  /** Members on other instances. */
  remote: number;
  readonly opened: Promise<unknown>;
}

const CAPACITY = 2;
const instance = randomUUID();
const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
const subscriber = redis.duplicate();
const rooms = new Map<string, Room>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });

const channelOf = (roomId: string) => `bench:${roomId}`;

async function join(roomId: string, socket: WebSocket): Promise<Room> {
  let room = rooms.get(roomId);
  if (!room) {
    room = { members: new Set(), remote: 0, opened: subscriber.subscribe(channelOf(roomId)) };
    rooms.set(roomId, room);
  }
  await room.opened;
  const count = await redis.incr(`${channelOf(roomId)}:count`);
  if (count > CAPACITY) socket.close(1000, 'Room is full');
  room.members.add(socket);
  room.remote = Math.max(room.remote, count - room.members.size);
  if (count > 1) void redis.publish(channelOf(roomId), `${instance}\njoined\n`);
  return room;
}

function leave(roomId: string, room: Room, socket: WebSocket): void {
  room.members.delete(socket);
  void redis.decr(`${channelOf(roomId)}:count`);
  if (room.remote > 0) void redis.publish(channelOf(roomId), `${instance}\nleft\n`);
  if (room.members.size > 0) return;
  rooms.delete(roomId);
  void subscriber.unsubscribe(channelOf(roomId));
}

function relay(roomId: string, room: Room, socket: WebSocket, data: RawData): void {
  for (const peer of room.members) if (peer !== socket) peer.send(data, { binary: false });
  if (room.remote > 0)
    void redis.publish(channelOf(roomId), `${instance}\nmessage\n${(data as Buffer).toString()}`);
}

subscriber.on('message', (channel: string, entry: string) => {
  const room = rooms.get(channel.slice('bench:'.length));
  if (!room || entry.startsWith(instance)) return;
  const kindAt = instance.length + 1;
  const textAt = entry.indexOf('\n', kindAt) + 1;
  const kind = entry.slice(kindAt, textAt - 1);
  if (kind === 'joined') room.remote += 1;
  else if (kind === 'left') room.remote -= 1;
  else for (const peer of room.members) peer.send(entry.slice(textAt));
});

sockets.on('connection', (socket, request) => {
  const roomId = new URL(request.url ?? '', 'ws://localhost').searchParams.get('roomId') ?? '';
  let room: Room | undefined;
  const early: RawData[] = [];
  socket.on('message', (data) => {
    if (room) relay(roomId, room, socket, data);
    else early.push(data);
  });
  socket.on('close', () => room && leave(roomId, room, socket));
  void join(roomId, socket).then((joined) => {
    room = joined;
    for (const data of early) relay(roomId, joined, socket, data);
  });
});

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  process.stdout.write(
    `${JSON.stringify({ msg: 'listening', port: (server.address() as AddressInfo).port })}\n`,
  );
});
