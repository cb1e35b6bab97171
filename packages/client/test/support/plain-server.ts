import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';

/** A signaling server that knows no dialect and no subprotocol, as there are: it relays, and tells who left. */
export async function startPlainServer(): Promise<{ readonly url: string; reset(): void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false });
  server.on('connection', (socket) => {
    const others = () => [...server.clients].filter((each) => each !== socket);
    socket.on('message', (data, isBinary) =>
      others().forEach((each) => each.send(data, { binary: isBinary })),
    );
    socket.on('close', () => others().forEach((each) => each.send('{"type":"peer-disconnected"}')));
  });
  await once(server, 'listening');
  const reset = () => server.clients.forEach((each) => each.terminate());
  onTestFinished(() => {
    reset();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, reset };
}
