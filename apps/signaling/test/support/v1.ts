import { PARLEY_V1, type ServerMessage } from '@parley/protocol';
import { openSocket, waitFor, type SocketOptions, type TestSocket } from '@parley/testkit';

export type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** Anything that the server says, or relays. */
export interface Heard {
  readonly type: string;
  readonly from?: string;
  readonly seq?: number;
  readonly memberId?: string;
  readonly [field: string]: unknown;
}

/** A client of `parley.v1` that has been welcomed. */
export interface V1Client extends TestSocket {
  readonly welcome: Welcome;
  /** What came after the welcome. */
  heard(): Heard[];
  /** What came of a type. */
  of(type: string): Heard[];
}

const OPTIONS = { protocols: [PARLEY_V1] };

function clientOf(socket: TestSocket, welcome: Welcome): V1Client {
  const heard = () => socket.messages.slice(1) as Heard[];
  return Object.assign(Object.create(socket) as TestSocket, {
    welcome,
    heard,
    of: (type: string) => heard().filter((message) => message.type === type),
  });
}

async function welcomed(socket: TestSocket): Promise<V1Client> {
  await waitFor(() => socket.messages.length > 0 || socket.closed, 'a welcome');
  const [first] = socket.messages as Welcome[];
  if (first?.type !== 'welcome') throw new Error(`no welcome: ${JSON.stringify(first ?? socket.closed)}`);
  return clientOf(socket, first);
}

/** Join a room. */
export async function join(url: string, room: string, options: SocketOptions = {}): Promise<V1Client> {
  return welcomed(await openSocket(`${url}/?roomId=${room}`, { ...OPTIONS, ...options }));
}

/** Ask to resume; the answer may be a welcome or a close. */
export function askToResume(
  url: string,
  room: string,
  token: string,
  seen: Readonly<Record<string, number>> = {},
  options: SocketOptions = {},
): Promise<TestSocket> {
  const target = `${url}/?roomId=${room}&resume=${encodeURIComponent(token)}`;
  return openSocket(target, { ...OPTIONS, ...options }, (socket) =>
    socket.send(JSON.stringify({ type: 'resume', seen })),
  );
}

/** Resume what a client was, as somebody who has seen what that one has, or less. */
export async function resume(
  url: string,
  room: string,
  before: V1Client,
  seen = seenBy(before),
): Promise<V1Client> {
  return welcomed(await askToResume(url, room, before.welcome.resumeToken, seen));
}

/** The highest number that a client has of each sender. */
export function seenBy(client: V1Client): Record<string, number> {
  const seen: Record<string, number> = {};
  for (const { from, seq } of client.heard()) {
    if (from !== undefined && seq !== undefined) seen[from] = Math.max(seen[from] ?? 0, seq);
  }
  return seen;
}
