/**
 * A game server on the SDK: players reach it directly at its address. It tells the matchmaker how many play in each of
 * its rooms, gives rooms back that stay empty, and says goodbye when it stops.
 */
import { randomUUID } from 'node:crypto';
import { createHost } from '@parley/client';
import { emit, emitError } from './events.js';
import { createGameRooms } from './game-rooms.js';
import { listenForPlayers } from './player-listener.js';
import { run } from './program.js';
import { address, integer, text } from './settings.js';

await run(async () => {
  const listen = address('ADDRESS', '127.0.0.1:0');
  const players = await listenForPlayers(listen.host, listen.port, {
    entered: async (roomId) => {
      // A player may be quicker than the news of its room.
      if (!(await host.has(roomId))) return false;
      rooms.change(roomId, 1);
      emit('player-entered', { roomId });
      return true;
    },
    left: (roomId) => {
      rooms.change(roomId, -1);
      emit('player-left', { roomId });
    },
  });
  const hostId = text('HOST_ID', randomUUID());
  const region = text('REGION', 'local');
  const host = createHost({
    matchmakerUrl: text('MATCHMAKER_URL', 'http://127.0.0.1:8080'),
    hostSecret: text('HOST_SECRET', 'to-change-in-prod'),
    hostId,
    roomId: text('ROOM_ID', `room-${hostId}`),
    region,
    capacity: integer('CAPACITY', 4),
    address: players.address,
    heartbeatMs: integer('HEARTBEAT_INTERVAL_MS', 10_000),
  });
  const tell = (roomId: string, count: number): void => void host.setPlayers(roomId, count);
  const rooms = createGameRooms(integer('EMPTY_ROOM_TTL_MS', 60_000), tell, (roomId) => {
    emit('room-closed', { roomId });
    host.closeRoom(roomId).catch(emitError);
  });
  host.on('ready', () => emit('ready', { hostId, region, address: players.address }));
  host.on('assigned', ({ roomId }) => {
    emit('rooms-assigned', { rooms: [roomId] });
    rooms.change(roomId, 0);
  });
  host.on('released', ({ roomId }) => rooms.forget(roomId));
  host.on('error', emitError);
  return async () => {
    await players.close();
    rooms.clear();
    await host.close();
  };
});
