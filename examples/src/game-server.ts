/**
 * A game server: players reach it directly at its address. It tells the matchmaker which rooms it holds and how many
 * players are in each, takes up the rooms that it is assigned, and says goodbye when it stops.
 */
import { randomUUID } from 'node:crypto';
import { emit, emitError } from './events.js';
import { createGameRooms, type GameRooms } from './game-rooms.js';
import { startHeartbeats } from './heartbeat.js';
import { requestJson } from './http.js';
import { listenForPlayers } from './player-listener.js';
import { run } from './program.js';
import { address, integer, text } from './settings.js';

function readSettings() {
  const hostId = text('HOST_ID', randomUUID());
  return {
    hostId,
    roomId: text('ROOM_ID', `room-${hostId}`),
    region: text('REGION', 'local'),
    capacity: integer('CAPACITY', 4),
    listen: address('ADDRESS', '127.0.0.1:0'),
    matchmakerUrl: text('MATCHMAKER_URL', 'http://127.0.0.1:8080'),
    hostSecret: text('HOST_SECRET', 'to-change-in-prod'),
    heartbeatIntervalMs: integer('HEARTBEAT_INTERVAL_MS', 10_000),
    emptyRoomTtlMs: integer('EMPTY_ROOM_TTL_MS', 60_000),
  };
}

type Settings = ReturnType<typeof readSettings>;

function reportOf(settings: Settings, publicAddress: string, rooms: GameRooms): object {
  const { hostId, roomId, region, capacity } = settings;
  const held = rooms.report();
  const availableSlots = Math.max(0, capacity - held.length);
  const status = availableSlots > 0 ? 'idle' : 'busy';
  return { hostId, roomId, region, status, capacity, availableSlots, address: publicAddress, rooms: held };
}

/** Tells the matchmaker something that it may not know what to do with (404, 501), or may not hear: no more is lost
 * than the time until the next heartbeat, or until this host's own expires. */
async function tell(method: 'POST' | 'DELETE', settings: Settings, path: string): Promise<void> {
  try {
    const { status } = await requestJson(
      method,
      `${settings.matchmakerUrl}${path}`,
      undefined,
      settings.hostSecret,
    );
    if (status >= 400 && status !== 404 && status !== 501) emitError(`${method} ${path}: ${status}`);
  } catch (error) {
    emitError(error);
  }
}

/** The room ids among a heartbeat answer's `assignments`. */
function assignedRooms(answer: Record<string, unknown>): string[] {
  const assignments = Array.isArray(answer['assignments'])
    ? (answer['assignments'] as { roomId?: unknown }[])
    : [];
  return assignments.map(({ roomId }) => roomId).filter((roomId) => typeof roomId === 'string');
}

await run(async () => {
  const settings = readSettings();
  const news = (event: string, fields: object): void => {
    emit(event, { ...fields });
    heartbeats.now();
  };
  const rooms = createGameRooms(settings.capacity, settings.emptyRoomTtlMs, (roomId) => {
    news('room-closed', { roomId });
    void tell('POST', settings, `/api/host/rooms/${encodeURIComponent(roomId)}/closed`);
  });
  const players = await listenForPlayers(settings.listen.host, settings.listen.port, {
    entered: (roomId) => {
      const entered = rooms.enter(roomId);
      if (entered) news('player-entered', { roomId });
      return entered;
    },
    left: (roomId) => {
      rooms.leave(roomId);
      news('player-left', { roomId });
    },
  });
  let ready = false;
  const heartbeats = startHeartbeats({
    ...settings,
    intervalMs: settings.heartbeatIntervalMs,
    report: () => reportOf(settings, players.address, rooms),
    accepted: (answer) => {
      if (!ready)
        emit('ready', { hostId: settings.hostId, region: settings.region, address: players.address });
      ready = true;
      const roomIds = assignedRooms(answer);
      if (rooms.assign(roomIds)) news('rooms-assigned', { rooms: roomIds });
    },
    failed: emitError,
  });

  return async () => {
    await heartbeats.stop();
    await players.close();
    rooms.clear();
    await tell('DELETE', settings, `/api/host/${encodeURIComponent(settings.hostId)}`);
  };
});
