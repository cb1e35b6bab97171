import { WebSocket } from 'ws';
import { messageOf } from './events.js';

const firstBackoffMs = 250;
const longestBackoffMs = 5000;
/** Refused for what this client is or sent; asking again would change nothing (contract, section 1). */
const policyViolation = 1008;

/** A message from signaling; which fields it has depends on its type. */
export type SignalingMessage = Record<string, unknown>;

export interface SignalingOptions {
  readonly url: string;
  readonly roomId: string;
  readonly token?: string | undefined;
  readonly reconnect: boolean;
  /** Called in the very tick in which the socket opens, again after each reconnect. */
  opened(): void;
  received(type: string, message: SignalingMessage): void;
  /** Called when a socket is gone, with its close code, or 1006 and the reason why there was none. */
  closed(code: number, reason: string): void;
}

export interface SignalingSocket {
  /** Sends a message; without an open socket it is dropped. */
  send(message: { type: string } & SignalingMessage): void;
  /** Leaves the room for good. */
  close(): void;
}

/** Joins a room as a plain client (contract, section 1): no Origin, no subprotocol, no extension. */
export function joinRoom(options: SignalingOptions): SignalingSocket {
  let socket: WebSocket;
  let retry: NodeJS.Timeout | undefined;
  let left = false;
  let backoffMs = firstBackoffMs;

  const connect = (): void => {
    socket = openSocket(options, (code, reason, openMs) => {
      if (left) return;
      options.closed(code, reason);
      if (!options.reconnect || code === policyViolation) return;
      // A socket that was refused had opened too, so only one that stayed for a while proves that all is well.
      if (openMs > longestBackoffMs) backoffMs = firstBackoffMs;
      retry = setTimeout(connect, backoffMs * (0.5 + Math.random()));
      backoffMs = Math.min(backoffMs * 2, longestBackoffMs);
    });
  };
  connect();

  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close: () => {
      left = true;
      clearTimeout(retry);
      socket.close(1000);
    },
  };
}

type Closed = (code: number, reason: string, openMs: number) => void;

function openSocket(options: SignalingOptions, closed: Closed): WebSocket {
  let failure = '';
  let openedAtMs = Infinity;
  const socket = new WebSocket(roomUrl(options), { perMessageDeflate: false });
  socket.on('open', () => {
    openedAtMs = performance.now();
    options.opened();
  });
  socket.on('message', (data: Buffer) => deliver(data.toString('utf8'), options));
  socket.on('error', (error) => (failure = messageOf(error)));
  socket.on('close', (code, reason) => {
    closed(code, reason.toString('utf8') || failure, performance.now() - openedAtMs);
  });
  return socket;
}

function roomUrl({ url, roomId, token }: SignalingOptions): URL {
  const full = new URL(url);
  full.searchParams.set('roomId', roomId);
  if (token) full.searchParams.set('token', token);
  return full;
}

/** Real hosts take the first textual `"type"` for a message's type, so this one does too. */
function deliver(text: string, options: SignalingOptions): void {
  const type = /"type"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  if (type === undefined) return;
  try {
    options.received(type, JSON.parse(text) as SignalingMessage);
  } catch {
    // Not JSON: nothing that a member of the room could have meant for us.
  }
}
