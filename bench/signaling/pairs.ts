import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Two members of one room; on two instances if there are two. */
export interface Pair {
  readonly a: WebSocket;
  readonly b: WebSocket;
}

/** Relayed by all, and answered by nobody. */
export const PROBE = '{"type":"control","action":"probe"}';

const PAIRS_AT_ONCE = 50;
/** Servers need a moment until they have noticed that everybody is gone. */
const GONE_MS = 200;

let lastRoom = 0;

/** A room's name that no other run used. */
export const newRoom = () => `bench-${process.pid}-${(lastRoom += 1)}`;

/** Connect one member. */
export async function connect(url: string, roomId: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/?roomId=${roomId}`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  await once(socket, 'open');
  return socket;
}

/** Connect pairs, and wait until each can talk both ways. */
export async function connectPairs(urls: readonly string[], count: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i += PAIRS_AT_ONCE) {
    const some = Array.from({ length: Math.min(PAIRS_AT_ONCE, count - i) }, () => connectPair(urls));
    pairs.push(...(await Promise.all(some)));
  }
  return pairs;
}

async function connectPair(urls: readonly string[]): Promise<Pair> {
  const room = newRoom();
  const a = await connect(urls[0] ?? '', room);
  const b = await connect(urls.at(-1) ?? '', room);
  await untilHeard(a, b);
  await untilHeard(b, a);
  return { a, b };
}

/** The references drop what comes before both know of each other: repeat until something arrives. */
export async function untilHeard(from: WebSocket, to: WebSocket, everyMs = 100): Promise<void> {
  const arrived = once(to, 'message');
  from.send(PROBE);
  const timer = setInterval(() => from.send(PROBE), everyMs);
  await arrived;
  clearInterval(timer);
}

/** Cut all off, and wait until the servers have noticed. */
export async function disconnect(sockets: Iterable<WebSocket>): Promise<void> {
  for (const socket of sockets) socket.terminate();
  await new Promise((resolve) => setTimeout(resolve, GONE_MS));
}

/** Both sockets of all pairs. */
export const socketsOf = (pairs: readonly Pair[]) => pairs.flatMap(({ a, b }) => [a, b]);
