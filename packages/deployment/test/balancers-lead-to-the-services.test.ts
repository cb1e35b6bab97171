import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSocket, startService, uniqueId, useRedis, waitFor, type RunningService } from '@parley/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findOurHaproxy, findOurNginx, type Ports } from './support/balancers.js';
import { PROBES, SERVICES, type ServiceName } from './support/services.js';

const BALANCERS = [
  { file: 'deploy/nginx/nginx.conf', found: await findOurNginx() },
  { file: 'deploy/haproxy/haproxy.cfg', found: await findOurHaproxy() },
].map(({ file, found }) => ({ name: found.ok ? file : `${file} (skipped: ${found.reason})`, found }));

/** What older probes ask, from inside: `/` is signaling's to the public. */
const OLDER_PROBES = new Set(['/', '/health']);

const redis = useRedis();
const services = {} as Record<ServiceName, RunningService>;

beforeAll(async () => {
  const env = { ...redis.env, NODE_ENV: 'production', SIGNALING_PUBLIC_URL: 'ws://localhost' };
  for (const name of SERVICES) {
    const demo = { DEMO: 'true', MATCHMAKER_PUBLIC_URL: 'https://localhost' };
    services[name] = await startService(name, { ...env, ...demo, HOST_SECRET: uniqueId('secret') });
  }
});
afterAll(() => Promise.all(Object.values(services).map((service) => service.stop())));

/** The paths that a service says it serves, with a name in the place of each parameter. */
async function pathsOf({ port }: RunningService): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/openapi.json`);
  const { paths } = (await answer.json()) as { paths: object };
  const served = Object.keys(paths).filter((path) => !OLDER_PROBES.has(path));
  return served.map((path) => path.replaceAll(/\{\w+\}/g, 'some'));
}

/** A service that remembers what it was asked with. */
async function startListener(): Promise<{ port: number; headers: () => IncomingHttpHeaders }> {
  let headers: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    if (request.url !== '/readyz') ({ headers } = request);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, headers: () => headers };
}

describe.each(BALANCERS)('$name', ({ found }) => {
  let balancer: { url: string; stop: () => Promise<void> } | undefined;
  const at = () => balancer?.url ?? '';

  beforeAll(async () => {
    const ports = Object.fromEntries(SERVICES.map((name) => [name, services[name].port])) as Ports;
    if (found.ok) balancer = await found.start(ports);
  });
  afterAll(() => balancer?.stop());

  it.skipIf(!found.ok).each(['matchmaker', 'gateway'] as const)('leads to all of %s', async (name) => {
    const paths = await pathsOf(services[name]);
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) {
      // A service answers every path of its own to a method that it does not have there, and names those that it has.
      const ask = async (url: string) => {
        const { status, headers } = await fetch(`${url}${path}`, { method: 'PUT' });
        return [path, status, headers.get('allow')];
      };
      const direct = await ask(`http://127.0.0.1:${services[name].port}`);
      expect(direct[1]).toBe(405);
      expect(await ask(at())).toEqual(direct);
    }
  });

  it.skipIf(!found.ok).each(['/signal', '/'])('lets WebSockets through at %s', async (path) => {
    const url = `${at().replace('http:', 'ws:')}${path}?roomId=${uniqueId('room')}`;
    const [one, two] = [await openSocket(url), await openSocket(url)];
    one.send({ type: 'offer', sdp: 'v=0\r\n' });
    await waitFor(() => two.messages.length > 0, 'the offer arrives');
    await Promise.all([one.close(), two.close()]);
  });

  it.skipIf(!found.ok).each([...PROBES, '/readyz?verbose'])(
    'keeps %s of the services inside',
    async (path) => {
      const { status, headers } = await fetch(`${at()}${path}`);
      const itsOwn = path === '/healthz' && status === 200 && headers.get('server')?.startsWith('nginx');
      expect(itsOwn || status === 404).toBe(true);
    },
  );

  it.skipIf(!found.ok)('says who asks, after whatever a client has made up', async () => {
    if (!found.ok) return;
    const { port, headers } = await startListener();
    const other = await found.start({ signaling: port, matchmaker: port, gateway: port });
    onTestFinished(other.stop);
    const madeUp = { 'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Proto': 'https' };
    for (const path of ['/signal', '/api/rooms', '/api/match/find']) {
      await fetch(`${other.url}${path}`, { headers: madeUp });
      expect(headers()['x-forwarded-for']).toMatch(/(^|, ?)127\.0\.0\.1$/);
      expect(headers()['x-forwarded-proto']).toBe('http');
    }
  });
});
