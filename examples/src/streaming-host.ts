/**
 * A streaming host: tells the matchmaker that it is there, waits in its signaling room for clients, and echoes what
 * they send over WebRTC. It behaves on the wire like real hosts do, quirks included.
 */
import { randomUUID } from 'node:crypto';
import { emit, emitError } from './events.js';
import { startHeartbeats } from './heartbeat.js';
import { createHostSessions } from './host-session.js';
import { run } from './program.js';
import { flag, iceServers, integer, text } from './settings.js';
import { joinRoom } from './signaling-socket.js';

function readSettings() {
  const hostId = text('HOST_ID', randomUUID());
  return {
    hostId,
    roomId: text('ROOM_ID', `room-${hostId}`),
    region: text('REGION', 'local'),
    capacity: integer('CAPACITY', 1),
    matchmakerUrl: text('MATCHMAKER_URL', 'http://127.0.0.1:8080'),
    signalingUrl: text('SIGNALING_URL', 'ws://127.0.0.1:3002'),
    hostSecret: text('HOST_SECRET', 'to-change-in-prod'),
    heartbeatIntervalMs: integer('HEARTBEAT_INTERVAL_MS', 10_000),
    reconnect: flag('RECONNECT', true),
    iceServers: iceServers(),
  };
}

/** What real hosts report: idle, with a free slot, even in the middle of a session. */
function reportOf({ hostId, roomId, region, capacity }: ReturnType<typeof readSettings>): object {
  const gameInfo = { name: 'Echo', platform: process.platform };
  return { hostId, roomId, region, status: 'idle', capacity, availableSlots: 1, gameInfo };
}

await run(async () => {
  const settings = readSettings();
  const { hostId, roomId, region } = settings;
  const missing = new Set(['heartbeat', 'room']);
  const arrived = (part: string): void => {
    if (missing.delete(part) && missing.size === 0) emit('ready', { hostId, roomId, region });
  };

  const sessions = createHostSessions(settings.iceServers, (message) => socket.send(message));
  const socket = joinRoom({
    url: settings.signalingUrl,
    roomId,
    reconnect: settings.reconnect,
    opened: () => arrived('room'),
    received: (type, message) => sessions.handle(type, message),
    closed: (code, reason) => emitError(`signaling closed with ${code} ${reason}`),
  });
  const heartbeats = startHeartbeats({
    ...settings,
    intervalMs: settings.heartbeatIntervalMs,
    report: () => reportOf(settings),
    accepted: () => arrived('heartbeat'),
    failed: emitError,
  });

  return async () => {
    socket.close();
    await Promise.all([heartbeats.stop(), sessions.end()]);
  };
});
