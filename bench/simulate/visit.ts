import type { Found } from './find.js';
import { joinRoom } from './room-socket.js';
import { between, noteTrouble, type World } from './world.js';

/** Who gets no answer to its offer for this long gives up. */
const ANSWER_TIMEOUT_MS = 1_500;
const OPEN_TIMEOUT_MS = 5_000;

/** Resolves after a time, or when told to, or when the simulation ends. */
function untilEnded(ms: number, { closing }: World): { ended: Promise<void>; end: () => void } {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    end = () => {
      clearTimeout(timer);
      closing.removeEventListener('abort', end);
      resolve();
    };
    closing.addEventListener('abort', end);
  });
  return { ended, end };
}

/** Be a player of a game server for a while; until it dies at the most. */
async function visitGame({ grant, host }: Found, stayMs: number, world: World): Promise<void> {
  const { ended, end } = untilEnded(stayMs, world);
  const leave = host.connect(grant.seats, () => {
    grant.leavingAtMs ??= world.nowMs();
    end();
  });
  if (!leave) return end();
  grant.arrivedAtMs = world.nowMs();
  await ended;
  grant.leavingAtMs ??= world.nowMs();
  leave();
  grant.leftAtMs = world.nowMs();
}

/** Meet a streaming host in its room: offer at once, stay while it is there, leave. */
async function visitRoom(found: Found, stayMs: number, world: World): Promise<void> {
  const { grant, signalingUrl, roomId } = found;
  const session = untilEnded(OPEN_TIMEOUT_MS + stayMs, world);
  let isAnswered = false;
  const giveUp = () => {
    if (isAnswered) return;
    noteTrouble(world, 'a client met nobody in its room');
    session.end();
  };
  const socket = joinRoom(signalingUrl, roomId, {
    onOpen: () => {
      grant.arrivedAtMs = world.nowMs();
      socket.send({ type: 'offer', sdp: 'v=0' });
      setTimeout(giveUp, ANSWER_TIMEOUT_MS).unref();
      setTimeout(session.end, stayMs).unref();
    },
    onMessage: (type) => {
      if (type === 'answer') isAnswered = true;
      if (type === 'peer-disconnected') setTimeout(session.end, between(20, 200));
    },
    onClose: (reason) => {
      noteTrouble(world, `signaling closed a client: ${reason}`);
      if (!isAnswered) delete grant.arrivedAtMs;
      session.end();
    },
  });
  await session.ended;
  if (grant.arrivedAtMs === undefined) grant.mayHaveCome = true;
  // After it left, what its timers still do is of no interest.
  isAnswered = true;
  grant.leavingAtMs = world.nowMs();
  await socket.leave();
  grant.leftAtMs = world.nowMs();
}

/** Take a promised slot up, stay, and leave. */
export function visit(found: Found, stayMs: number, world: World): Promise<void> {
  return found.host.book.kind === 'game' ? visitGame(found, stayMs, world) : visitRoom(found, stayMs, world);
}
