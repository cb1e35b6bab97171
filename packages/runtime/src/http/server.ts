import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from '../lifecycle/service.js';

/** An HTTP server that listens. */
export interface Listener {
  readonly server: Server;
  readonly address: Address;
  /** Take no more connections, let requests under way finish, close idle connections. */
  close(): Promise<void>;
}

/**
 * Listen on a port; 0 lets the system choose one.
 * @throws what `listen(2)` fails with, such as EADDRINUSE
 */
export async function listen(handler: RequestListener, port: number, host?: string): Promise<Listener> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
  server.removeAllListeners('error');
  const bound = server.address() as AddressInfo;
  return {
    server,
    address: { host: bound.address, port: bound.port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
