/**
 * Reference A: a relay in the memory of one process. No validation, no limits, no Redis: what `ws` itself costs.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

const rooms = new Map<string, Set<WebSocket>>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });

sockets.on('connection', (socket, request) => {
  const roomId = new URL(request.url ?? '', 'ws://localhost').searchParams.get('roomId') ?? '';
  let room = rooms.get(roomId);
  if (!room) rooms.set(roomId, (room = new Set()));
  const members = room;
  members.add(socket);
  socket.on('message', (data) => {
    for (const peer of members) if (peer !== socket) peer.send(data, { binary: false });
  });
  socket.on('close', () => {
    members.delete(socket);
    if (members.size === 0) rooms.delete(roomId);
  });
});

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  process.stdout.write(
    `${JSON.stringify({ msg: 'listening', port: (server.address() as AddressInfo).port })}\n`,
  );
});
