// Each implementation has events of its own; anything narrower fits none of them all.
// oxlint-disable-next-line typescript/no-explicit-any
export type Listener = (event: any) => void;

/** What the SDK needs of a WebSocket: browsers' own, Node's (≥ 22), or the one of the package `ws`. */
export interface WebSocketLike {
  readonly protocol: string;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: Listener): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Of `ws` alone: the end without a handshake. */
  terminate?(): void;
}

/** A class of such. */
export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

/** @throws TypeError where there is none and none is given */
export function webSocketClass(given?: WebSocketClass): WebSocketClass {
  const found = given ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
  if (found) return found;
  throw new TypeError('There is no global WebSocket here: give one, `import { WebSocket } from "ws"`.');
}

/** What a socket tells. Nothing comes after `closed`, and nothing at all after the socket was let go of. */
export interface SocketEvents {
  /** @param protocol the subprotocol that the server chose; empty if none */
  opened(protocol: string): void;
  received(text: string): void;
  closed(code: number, reason: string): void;
}

/** One connection. */
export interface Socket {
  send(text: string): void;
  /** Say goodbye: nothing that comes after it is told. */
  leave(): void;
  /** Give it up as one does a connection that hangs; the server is to keep our place. */
  abandon(): void;
}

/** Any code but 1000 and 1001: those mean that we leave for good. */
const ABANDONED = 4000;

/** How long a goodbye may take where the server does not answer it. */
const GOODBYE_MS = 1_000;

/** @throws SyntaxError for a URL that is none */
export function openSocket(
  WebSocket: WebSocketClass,
  url: string,
  protocols: string[],
  events: SocketEvents,
): Socket {
  const socket = new WebSocket(url, protocols);
  let isOver = false;
  socket.addEventListener('open', () => isOver || events.opened(socket.protocol));
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (!isOver && typeof data === 'string') events.received(data);
  });
  // What went wrong is told by the close.
  socket.addEventListener('error', () => {});
  socket.addEventListener('close', ({ code, reason }: { code: number; reason: string }) => {
    clearTimeout(goodbye);
    if (isOver) return;
    isOver = true;
    events.closed(code, reason);
  });
  let goodbye: ReturnType<typeof setTimeout> | undefined;
  return {
    send: (text) => socket.send(text),
    leave() {
      isOver = true;
      if (socket.terminate) goodbye = setTimeout(() => socket.terminate?.(), GOODBYE_MS);
      socket.close(1000);
    },
    abandon() {
      isOver = true;
      if (socket.terminate) socket.terminate();
      else socket.close(ABANDONED);
    },
  };
}
