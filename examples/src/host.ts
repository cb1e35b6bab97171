/**
 * A streaming host on the SDK: it is in the pool, answers every player in its room and in those that it is given, and
 * echoes what they send. `streaming-host.ts` is the same without the SDK.
 */
import { randomUUID } from 'node:crypto';
import { createHost } from '@parley/client';
import { WebSocket } from 'ws';
import { emit, emitError } from './events.js';
import { run } from './program.js';
import { createSdkPeer } from './sdk-peer.js';
import { iceServers, integer, text } from './settings.js';

await run(async () => {
  const hostId = text('HOST_ID', randomUUID());
  const host = createHost({
    matchmakerUrl: text('MATCHMAKER_URL', 'http://127.0.0.1:8080'),
    signalingUrl: text('SIGNALING_URL', 'ws://127.0.0.1:3002').split(','),
    hostSecret: text('HOST_SECRET', 'to-change-in-prod'),
    hostId,
    roomId: text('ROOM_ID', `room-${hostId}`),
    region: text('REGION', 'local'),
    capacity: integer('CAPACITY', 1),
    connect: { WebSocket },
    createPeer: ({ memberId, iceServers: named }) => {
      const pc = createSdkPeer(iceServers(named));
      pc.onDataChannel.subscribe((channel) => {
        emit('channel-open', { label: channel.label, memberId });
        channel.onMessage.subscribe((data) => channel.send(data));
      });
      return pc;
    },
  });
  host.on('ready', (ready) => emit('ready', ready));
  host.on('assigned', ({ roomId }) => emit('room-assigned', { roomId }));
  host.on('released', ({ roomId }) => emit('room-released', { roomId }));
  host.on('peer', ({ roomId, memberId }) => emit('player', { roomId, memberId }));
  host.on('peer-left', ({ roomId, memberId }) => emit('player-left', { roomId, memberId }));
  host.on('error', emitError);
  return () => host.close();
});
