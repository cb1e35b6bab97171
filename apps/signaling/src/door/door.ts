import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { Close } from '@parley/protocol';
import type { Probes } from '@parley/runtime';
import { ServerSocket } from './server-socket.js';
import { fittingOffers } from './compression-offers.js';
import { chosenSubprotocol } from './subprotocol.js';

/** A client that does not answer the closing handshake is cut off after this long. */
const CLOSE_TIMEOUT_MS = 5_000;

/** A window of 4 KiB (RFC 7692 §7.1.2.1). */
const WINDOW_BITS = 12;

/**
 * Compression where it is wanted, with bounded memory: a small window and small buffers for each connection that used it,
 * nothing kept from one message to the next, and few compressed at once, since zlib's threads are shared by all.
 */
const DEFLATE = {
  threshold: 1_024,
  concurrencyLimit: 4,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: WINDOW_BITS,
  zlibDeflateOptions: { level: 3, memLevel: 4, chunkSize: 4_096 },
  zlibInflateOptions: { chunkSize: 4_096 },
};

interface DoorParts {
  readonly probes: Probes;
  readonly maxMessageBytes: number;
  /** The subprotocol that clients must offer, if any. */
  readonly subprotocol: string | undefined;
  /** Whether messages are compressed for clients that offer it. */
  readonly compress: boolean;
  /** A connection that was let in or is to be refused: the 101 is sent. */
  readonly onSocket: (socket: ServerSocket, request: IncomingMessage) => void;
}

/** Where connections come in: probes and WebSockets on one port. */
export function createDoor({ probes, maxMessageBytes, subprotocol, compress, onSocket }: DoorParts) {
  const options = { closeTimeout: CLOSE_TIMEOUT_MS };
  const sockets = new Set<ServerSocket>();
  const forget = (socket: ServerSocket) => void sockets.delete(socket);
  const server = new WebSocketServer({
    ...options,
    noServer: true,
    clientTracking: false,
    WebSocket: ServerSocket,
    perMessageDeflate: compress && DEFLATE,
    maxPayload: maxMessageBytes,
    skipUTF8Validation: false,
    handleProtocols: (offered) => chosenSubprotocol(offered, subprotocol) ?? false,
  });
  const answer: RequestListener = (request, response) => {
    if (probes(request, response)) return;
    response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket', Connection: 'Upgrade' });
    response.end('Upgrade Required');
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // ws would refuse the whole connection for an offer that it cannot accept.
    if (compress) request.headers['sec-websocket-extensions'] = fittingOffers(request, WINDOW_BITS);
    server.handleUpgrade(request, socket, head, (upgraded) => {
      sockets.add(upgraded);
      upgraded.onGone = forget;
      onSocket(upgraded, request);
    });
  };
  /** End connections that were closed, once their clients had time to say goodbye. */
  async function cutOff(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    while (sockets.size > 0 && performance.now() < deadline) await delay(10);
    for (const socket of sockets) socket.terminate();
  }
  return { answer, upgrade, cutOff };
}

/** Refuse a client in a way that browsers can read: after the 101, with a code and a reason (contract §1). */
export function refuse(socket: ServerSocket, { code, reason }: Close): void {
  socket.close(code, reason);
}
