/**
 * A player on the SDK: finds a match (or joins the gateway's room `ROOM_ID`), connects, and checks that what it sends
 * comes back. `streaming-client.ts` is the same without the SDK.
 */
import { attach, connect, findMatch, joinRoom, refreshIceServers } from '@parley/client';
import { WebSocket } from 'ws';
import { checkEchoes } from './echo-check.js';
import { emit, emitError } from './events.js';
import { finish, run } from './program.js';
import { createSdkPeer } from './sdk-peer.js';
import { iceServers, integer, optionalText, text } from './settings.js';

await run(async () => {
  const matchmakerUrl = text('MATCHMAKER_URL', 'http://127.0.0.1:8080');
  const gatewayUrl = text('GATEWAY_URL', 'http://127.0.0.1:8090');
  const roomId = optionalText('ROOM_ID');
  const region = optionalText('REGION');
  const signal = AbortSignal.timeout(integer('TIMEOUT_MS', 30_000));

  const where = roomId
    ? await joinRoom(gatewayUrl, roomId, { signal })
    : await findMatch(matchmakerUrl, { region }, { signal });
  emit('match', { roomId: where.roomId, signalingUrl: where.signalingUrl });
  const signalingUrl = optionalText('SIGNALING_URL')?.split(',') ?? where.signalingUrl;
  const refreshIce = (aborted: AbortSignal) => refreshIceServers(matchmakerUrl, { signal: aborted });
  const session = connect({ ...where, signalingUrl }, { WebSocket, signal, refreshIce });
  session.on('welcome', ({ isReturn, recovered }) => emit('welcome', { isReturn, recovered }));

  const pc = createSdkPeer(iceServers(where.iceServers));
  attach(pc, session, { initiator: true, onError: emitError });
  const channel = pc.createDataChannel('echo');
  const stop = async (): Promise<void> => {
    session.close();
    await pc.close();
  };

  const over = new Promise<never>((_, reject) =>
    session.on('closed', ({ reason, text: why }) =>
      reject(new Error(`session over: ${reason} ${why ?? ''}`)),
    ),
  );
  const opened = new Promise((resolve) => channel.stateChanged.subscribe((s) => s === 'open' && resolve(s)));
  const played = Promise.race([opened, over]).then(() => checkEchoes(channel, integer('MESSAGES', 100)));
  Promise.race([played, over]).then(
    () => {
      emit('done', { echoed: integer('MESSAGES', 100) });
      return finish(0, stop);
    },
    (error: unknown) => {
      emitError(error);
      return finish(1, stop);
    },
  );
  return stop;
});
