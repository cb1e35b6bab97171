/**
 * A client of a streaming host: finds a match, connects to the host over WebRTC through its signaling room, sends
 * messages over a data channel and checks that each is echoed in order.
 */
import { connectToHost, type ClientSession } from './client-session.js';
import { checkEchoes } from './echo-check.js';
import { emit, emitError } from './events.js';
import { findMatch, type Match } from './match.js';
import { finish, run } from './program.js';
import { iceServers, integer, optionalText, text } from './settings.js';

function readSettings() {
  return {
    matchmakerUrl: text('MATCHMAKER_URL', 'http://127.0.0.1:8080'),
    region: optionalText('REGION'),
    roomId: optionalText('ROOM_ID'),
    signalingUrl: optionalText('SIGNALING_URL'),
    messages: integer('MESSAGES', 100),
    timeoutMs: integer('TIMEOUT_MS', 30_000),
  };
}

/** With `ROOM_ID` the matchmaker is not asked; `SIGNALING_URL` leads to another instance than the one it names. */
async function whereToMeet(settings: ReturnType<typeof readSettings>): Promise<Match> {
  const { roomId, matchmakerUrl, region } = settings;
  const match: Match = roomId
    ? { roomId, signalingUrl: 'ws://127.0.0.1:3002', iceServers: [], token: undefined }
    : await findMatch(matchmakerUrl, region);
  return {
    ...match,
    signalingUrl: settings.signalingUrl ?? match.signalingUrl,
    iceServers: iceServers(match.iceServers),
  };
}

await run(async () => {
  const settings = readSettings();
  const startedAtMs = performance.now();
  const millis = (): number => Math.round(performance.now() - startedAtMs);
  let phase = 'looking for a match';
  let session: ClientSession | undefined;
  const stop = async (): Promise<void> => session?.close();

  const play = async (): Promise<void> => {
    const match = await whereToMeet(settings);
    emit('match', { roomId: match.roomId, signalingUrl: match.signalingUrl, millis: millis() });
    phase = 'joining the room';
    session = await connectToHost(match, (next) => (phase = next));
    const channel = await session.channelOpen;
    emit('channel-open', { millis: millis() });
    phase = 'checking the echoes';
    await checkEchoes(channel, settings.messages);
  };
  const tooLate = new Promise<never>((_, reject) => {
    const error = (): Error => new Error(`timed out after ${settings.timeoutMs} ms while ${phase}`);
    setTimeout(() => reject(error()), settings.timeoutMs);
  });
  Promise.race([play(), tooLate]).then(
    () => {
      emit('done', { echoed: settings.messages, millis: millis() });
      return finish(0, stop);
    },
    (error: unknown) => {
      emitError(error);
      return finish(1, stop);
    },
  );

  return stop;
});
