import {
  findNginx,
  openSocket,
  startService,
  uniqueId,
  useRedis,
  waitFor,
  type RunningService,
} from '@parley/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { read } from './support/root.js';
import { defaultPort, PROBES, SERVICES, type ServiceName } from './support/services.js';

const nginx = await findNginx();
const why = nginx.ok ? '' : ` (skipped, no nginx: ${nginx.reason})`;

/** The file that compose mounts, with the addresses of this test in the places of those in containers. */
function configuration(ports: Readonly<Record<ServiceName, number>>, port: number, ownPath: string): string {
  const moved = SERVICES.reduce(
    (text, name) => text.replaceAll(`${name}:${defaultPort(name)};`, `127.0.0.1:${ports[name]};`),
    read('deploy/nginx/nginx.conf'),
  );
  return `daemon off;\nmaster_process off;\n${moved}`
    .replaceAll('/tmp/', '')
    .replace('worker_connections 8192', 'worker_connections 512')
    .replace('listen 8080;', `listen 127.0.0.1:${port};\nlocation = ${ownPath} { return 204; }`);
}

/** What older probes ask, from inside: `/` is signaling's to the public. */
const OLDER_PROBES = new Set(['/', '/health']);

/** The paths that a service says it serves, with a name in the place of each parameter. */
async function pathsOf({ port }: RunningService): Promise<string[]> {
  const { paths } = (await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json()) as {
    paths: object;
  };
  const served = Object.keys(paths).filter((path) => !OLDER_PROBES.has(path));
  return served.map((path) => path.replaceAll(/\{\w+\}/g, 'some'));
}

describe.skipIf(!nginx.ok)(`deploy/nginx/nginx.conf${why}`, () => {
  const redis = useRedis();
  const services = {} as Record<ServiceName, RunningService>;
  let proxy: { url: string; stop: () => Promise<void> };

  beforeAll(async () => {
    if (!nginx.ok) return;
    const env = {
      ...redis.env,
      NODE_ENV: 'production',
      TRUST_PROXY: '1',
      SIGNALING_PUBLIC_URL: 'ws://localhost',
    };
    for (const name of SERVICES)
      services[name] = await startService(name, { ...env, HOST_SECRET: uniqueId('secret') });
    const ports = Object.fromEntries(SERVICES.map((name) => [name, services[name].port]));
    const text = configuration.bind(undefined, ports as Record<ServiceName, number>);
    proxy = await nginx.start({ text });
  });
  afterAll(async () => {
    await proxy?.stop();
    await Promise.all(Object.values(services).map((service) => service.stop()));
  });

  it.each(['matchmaker', 'gateway'] as const)('leads to everything that %s serves', async (name) => {
    const paths = await pathsOf(services[name]);
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) {
      // A service answers every path of its own to a method that it does not have there, and names those that it has.
      const ask = async (at: string) => {
        const { status, headers } = await fetch(`${at}${path}`, { method: 'PUT' });
        return [path, status, headers.get('allow')];
      };
      const direct = await ask(`http://127.0.0.1:${services[name].port}`);
      expect(direct[1]).toBe(405);
      expect(await ask(proxy.url)).toEqual(direct);
    }
  });

  it.each(['/signal', '/'])('lets WebSockets through at %s', async (path) => {
    const room = uniqueId('room');
    const url = `${proxy.url.replace('http:', 'ws:')}${path}?roomId=${room}`;
    const [one, two] = [await openSocket(url), await openSocket(url)];
    one.send({ type: 'offer', sdp: 'v=0\r\n' });
    await waitFor(() => two.messages.length > 0, 'the offer arrives');
    await Promise.all([one.close(), two.close()]);
  });

  it.each(PROBES.filter((path) => path !== '/healthz'))('keeps %s inside', async (path) => {
    expect((await fetch(`${proxy.url}${path}`)).status).toBe(404);
  });
});
