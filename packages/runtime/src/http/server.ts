import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from '../lifecycle/service.js';
import { answerParserErrors } from './parser-errors.js';

const TIMEOUTS = {
  // Longer than balancers keep idle connections (60 s is usual): one that we close first may carry a request already.
  keepAliveTimeout: 65_000,
  // A client that sends a byte now and then would hold a connection for five minutes, which is Node's default.
  requestTimeout: 30_000,
  headersTimeout: 15_000,
};

/** While closing, connections whose answer was just sent are looked for this often. */
const IDLE_SWEEP_MS = 50;

/** Requests under way get this long: more than a Redis command may take, less than the default drain timeout. */
const GRACE_MS = 3_000;

/** An HTTP server that listens. */
export interface Listener {
  readonly server: Server;
  readonly address: Address;
  /** Take no more connections, let requests under way finish for up to 3 s, close idle connections. */
  close(): Promise<void>;
}

/**
 * Listen on a port; 0 lets the system choose one.
 * @throws what `listen(2)` fails with, such as EADDRINUSE
 */
export async function listen(handler: RequestListener, port: number, host?: string): Promise<Listener> {
  const server = createServer(TIMEOUTS, handler);
  answerParserErrors(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
  server.removeAllListeners('error');
  // Without file descriptors accepting fails; the next connection may do, and no process dies of what comes in.
  server.on('error', () => {});
  const bound = server.address() as AddressInfo;
  return {
    server,
    address: { host: bound.address, port: bound.port },
    close: () => closeServer(server),
  };
}

/** A kept-alive connection would keep a closing server open until its own timeout, and half a request for ever. */
async function closeServer(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const giveUp = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(giveUp);
}
