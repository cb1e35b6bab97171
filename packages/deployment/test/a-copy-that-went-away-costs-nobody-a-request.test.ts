import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { findOurHaproxy } from './support/balancers.js';

const haproxy = await findOurHaproxy();
const why = haproxy.ok ? '' : ` (skipped, no HAProxy: ${haproxy.reason})`;

/** A copy of a service, as far as a balancer can tell. */
async function startCopy(): Promise<{ port: number; stop: () => void }> {
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(stop);
  return { port: (server.address() as AddressInfo).port, stop };
}

const everywhere = (port: number) => ({ signaling: port, matchmaker: port, gateway: port });

it.skipIf(!haproxy.ok)(
  `HAProxy asks another copy at once where one refuses, before its probes have noticed${why}`,
  async () => {
    if (!haproxy.ok) return;
    const [stays, goes] = [await startCopy(), await startCopy()];
    const balancer = await haproxy.start(everywhere(stays.port), everywhere(goes.port));
    onTestFinished(balancer.stop);
    goes.stop();
    for (const path of ['/signal', '/api/match/find', '/api/rooms'])
      for (let asked = 0; asked < 4; asked++) {
        const { status } = await fetch(`${balancer.url}${path}`, { method: 'POST', body: '{}' });
        expect([path, status]).toEqual([path, 200]);
      }
  },
  20_000,
);
