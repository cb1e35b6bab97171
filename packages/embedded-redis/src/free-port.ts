import { createServer } from 'node:net';

// Below every system's ephemeral range (Linux starts at 32768), where any outgoing connection or port 0 listener could
// take the port between our look and the server's bind. Port + 10000, a cluster node's bus, stays below it too.
const FIRST_PORT = 15_000;
const LAST_PORT = 21_999;
const CLUSTER_BUS_OFFSET = 10_000;
const TRIES = 100;

/**
 * A loopback port that was free a moment ago, and whose cluster bus port (port + 10000) was too. Another process may
 * still take it before it is bound, so whoever binds it must be ready to ask again.
 */
export async function findFreePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if ((await isFree(port)) && (await isFree(port + CLUSTER_BUS_OFFSET))) return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT} in ${TRIES} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
