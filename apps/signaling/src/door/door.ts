import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Close } from '@parley/protocol';
import type { Probes } from '@parley/runtime';

/** A client that does not answer the closing handshake is cut off after this long. */
const CLOSE_TIMEOUT_MS = 5_000;

interface DoorParts {
  readonly probes: Probes;
  readonly maxMessageBytes: number;
  /** A connection that was let in or is to be refused: the 101 is sent. */
  readonly onSocket: (socket: WebSocket, request: IncomingMessage) => void;
}

/** Where connections come in: probes and WebSockets on one port. */
export function createDoor({ probes, maxMessageBytes, onSocket }: DoorParts) {
  const options = { closeTimeout: CLOSE_TIMEOUT_MS };
  const server = new WebSocketServer({
    ...options,
    noServer: true,
    clientTracking: false,
    // Offers are small and sent once; compression would cost memory per connection.
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    skipUTF8Validation: false,
  });
  const answer: RequestListener = (request, response) => {
    if (probes(request, response)) return;
    response.writeHead(426, { 'Content-Type': 'text/plain', Upgrade: 'websocket', Connection: 'Upgrade' });
    response.end('Upgrade Required');
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    server.handleUpgrade(request, socket, head, onSocket);
  };
  return { answer, upgrade };
}

/** Refuse a client in a way that browsers can read: after the 101, with a code and a reason (contract §1). */
export function refuse(socket: WebSocket, { code, reason }: Close): void {
  socket.on('error', () => {});
  socket.close(code, reason);
}
