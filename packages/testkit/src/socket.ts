import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { waitFor } from './wait-for.js';

/** A WebSocket client that remembers everything it got. */
export interface TestSocket {
  readonly socket: WebSocket;
  /** Every message so far, parsed. */
  readonly messages: unknown[];
  /** Set once closed. */
  readonly closed: { code: number; reason: string } | undefined;
  send(message: unknown): void;
  /** The next message that was not returned yet. */
  next(timeoutMs?: number): Promise<unknown>;
  waitClosed(timeoutMs?: number): Promise<{ code: number; reason: string }>;
  /** Close and wait for it. */
  close(): Promise<void>;
}

/** Options of a client, and the subprotocols that it offers. */
export type SocketOptions = ClientOptions & { readonly protocols?: string[] };

/**
 * Connect to signaling. Resolves at `open`; a refusal comes as a close after it (contract §1).
 * @param atOpen called in the very tick of `open`, when pages send their offer
 */
export async function openSocket(
  url: string,
  { protocols, ...options }: SocketOptions = {},
  atOpen?: (socket: WebSocket) => void,
): Promise<TestSocket> {
  const socket = new WebSocket(url, protocols ?? [], { perMessageDeflate: false, ...options });
  if (atOpen) socket.once('open', () => atOpen(socket));
  const messages: unknown[] = [];
  let closed: TestSocket['closed'];
  let read = 0;
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8'))));
  socket.on('close', (code, reason) => (closed = { code, reason: reason.toString('utf8') }));
  socket.on('error', () => {});
  await Promise.race([
    once(socket, 'open'),
    once(socket, 'error').then(([error]) => Promise.reject(error as Error)),
  ]);
  const waitClosed = (timeoutMs?: number) => waitFor(() => closed, 'the socket closes', timeoutMs);
  return {
    socket,
    messages,
    get closed() {
      return closed;
    },
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(timeoutMs) {
      await waitFor(() => messages.length > read, 'a message arrives', timeoutMs);
      return messages[read++];
    },
    waitClosed,
    async close() {
      socket.close();
      await waitClosed();
    },
  };
}
