import { startRedis } from '@parley/embedded-redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { uniqueId } from '../src/ids.js';
import { findNginx, type FoundNginx, type NginxOptions } from '../src/nginx.js';
import { startService, type RunningService, type ServiceName } from '../src/service-process.js';
import { openSocket, type SocketOptions, type TestSocket } from '../src/socket.js';
import { waitFor } from '../src/wait-for.js';
import { startProgram } from './support/program.js';
import { deployedTarget } from './support/target-from-env.js';

const nginx: FoundNginx = deployedTarget(process.env)
  ? { ok: false, reason: 'a deployment, which has its own proxy, is tested' }
  : await findNginx();
const why = nginx.ok ? '' : ` (skipped, no nginx: ${nginx.reason})`;

const SPAWN_TIMEOUT_MS = 30_000;
const CONNECTIONS_PER_10S = 4;
/** Other requests between a host and its client: each pair of them is on one of the four pairs of instances. */
const TURNS_BETWEEN = [0, 1, 0, 1];
const offer = { type: 'offer', sdp: 'v=0\r\n' };

const httpOf = (port: number) => `http://127.0.0.1:${port}`;
const wsOf = (url: string) => url.replace('http:', 'ws:');

async function connectionsOf({ port }: RunningService): Promise<number> {
  const text = await (await fetch(`${httpOf(port)}/metrics`)).text();
  return Number(/^cloudgaming_active_connections(?:\{.*\})? (\d+)$/m.exec(text)?.[1]);
}

describe.skipIf(!nginx.ok)(`behind nginx, round robin and nothing sticky${why}`, () => {
  const hostSecret = uniqueId('secret');
  let redis: Awaited<ReturnType<typeof startRedis>>;
  const services: RunningService[] = [];
  let pair: RunningService[];
  let url: string;
  let matchmakerUrl: string;

  const start = async (name: ServiceName, env: Record<string, string>): Promise<RunningService> => {
    const service = await startService(name, { REDIS_URL: redis.url, HOST_SECRET: hostSecret, ...env });
    services.push(service);
    await waitFor(async () => (await fetch(`${httpOf(service.port)}/readyz`)).ok, `${name} is ready`);
    return service;
  };
  const startPair = async (env: Record<string, string> = {}): Promise<RunningService[]> => {
    const settings = { TRUST_PROXY: 'loopback', RATE_LIMIT_CONN_PER_10S: '1000', ...env };
    return [await start('signaling', settings), await start('signaling', settings)];
  };
  /** A proxy in front of instances, for one test. */
  const proxied = async (
    instances: readonly RunningService[],
    options: Omit<NginxOptions, 'instances'> = {},
  ): Promise<string> => {
    if (!nginx.ok) throw new Error(nginx.reason);
    const proxy = await nginx.start({ instances: instances.map(({ port }) => port), ...options });
    onTestFinished(proxy.stop);
    return proxy.url;
  };
  const join = (at: string, options?: SocketOptions, room = uniqueId('room')): Promise<TestSocket> =>
    openSocket(`${wsOf(at)}/?roomId=${room}`, options);
  const connections = () => Promise.all(pair.map(connectionsOf));
  /** How many each instance has, once they are as many as that. */
  const whenConnected = (total: number) =>
    waitFor(
      async () => {
        const counts = await connections();
        return counts.reduce((sum, each) => sum + each) === total ? counts : undefined;
      },
      `${total} are connected`,
      SPAWN_TIMEOUT_MS,
    );

  let stopProxy = () => Promise.resolve();
  beforeAll(async () => {
    if (!nginx.ok) return;
    redis = await startRedis({ ignoreUrl: true });
    pair = await startPair();
    const proxy = await nginx.start({ instances: pair.map(({ port }) => port) });
    ({ url, stop: stopProxy } = proxy);
    const { port } = await start('matchmaker', { SIGNALING_PUBLIC_URL: wsOf(url) });
    matchmakerUrl = httpOf(port);
  });
  afterAll(async () => {
    await stopProxy();
    await Promise.all(services.map((service) => service.stop()));
    await redis?.stop();
  });

  /** A plain request takes a turn, so that the next member comes to the other instance. */
  const skipTurns = async (count: number): Promise<void> => {
    for (let skipped = 0; skipped < count; skipped++) await fetch(`${url}/readyz`);
  };

  it('lets hosts and clients talk over WebRTC, on one instance and across both, either way around', async () => {
    const placements = new Set<string>();
    for (const between of TURNS_BETWEEN) {
      const region = uniqueId('region');
      const env = { MATCHMAKER_URL: matchmakerUrl, HOST_SECRET: hostSecret, REGION: region };
      const ids = { HOST_ID: uniqueId('host'), ROOM_ID: uniqueId('room') };
      const host = startProgram('streaming-host', { ...env, ...ids, SIGNALING_URL: wsOf(url) });
      await host.until('ready');
      const hostAlone = await whenConnected(1);
      await skipTurns(between);
      const both = whenConnected(2);
      const client = startProgram('streaming-client', { ...env, MESSAGES: '100' });

      expect(await client.until('match')).toMatchObject({ signalingUrl: expect.stringContaining(wsOf(url)) });
      const together = await both;
      expect(await client.until('done')).toMatchObject({ echoed: 100 });
      expect(await client.exited).toBe(0);

      const clients = together.map((count, index) => count - (hostAlone[index] ?? 0));
      placements.add(`host on ${hostAlone.indexOf(1)}, client on ${clients.indexOf(1)}`);
      await host.stop();
      await whenConnected(0);
    }
    expect([...placements].toSorted()).toEqual([
      'host on 0, client on 0',
      'host on 0, client on 1',
      'host on 1, client on 0',
      'host on 1, client on 1',
    ]);
  });

  it('passes probes and plain requests', async () => {
    for (let turn = 0; turn < 2; turn++) {
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const plain = await fetch(`${url}/?roomId=${uniqueId('room')}`);
      expect([plain.status, await plain.text()]).toEqual([426, 'Upgrade Required']);
    }
  });

  it('shows signaling whether TLS was used, whatever the client says of it', async () => {
    const instances = await startPair({ REQUIRE_WSS: 'true' });
    const [plain, secure] = [await proxied(instances), await proxied(instances, { forwardedProto: 'https' })];

    const forging = { headers: { 'X-Forwarded-Proto': 'https' } };
    for (const options of [{}, {}, forging, forging]) {
      const refused = await join(plain, options);
      expect(await refused.waitClosed()).toEqual({ code: 1008, reason: 'WSS required' });
    }
    const room = uniqueId('room');
    const [a, b] = [await join(secure, {}, room), await join(secure, {}, room)];
    a.send(offer);
    expect(await b.next()).toEqual(offer);
    await Promise.all([a.close(), b.close()]);
  });

  it('has each client counted by its own address, over both instances, whatever it forges', async () => {
    const limits = { RATE_LIMIT_CONN_PER_10S: String(CONNECTIONS_PER_10S), TRUST_PROXY: '127.0.0.1' };
    const at = await proxied(await startPair(limits));
    const from = (localAddress: string, forged: number, room?: string) =>
      join(at, { localAddress, headers: { 'X-Forwarded-For': `203.0.113.${forged}` } }, room);
    const attempts: TestSocket[] = [];

    // An instance that Redis keeps waiting holds the limit alone for a second: one more than both allow is too much.
    const tooMany = 2 * CONNECTIONS_PER_10S + 1;
    for (let count = 1; count <= tooMany; count++) attempts.push(await from('127.0.0.2', count));
    expect(await attempts.at(-1)?.waitClosed()).toEqual({ code: 1013, reason: 'Rate limited' });

    const room = uniqueId('room');
    const [a, b] = [await from('127.0.0.3', 1, room), await from('127.0.0.4', 1, room)];
    a.send(offer);
    expect(await b.next()).toEqual(offer);
    const open = attempts.filter(({ closed }) => !closed);
    expect(open.length).toBeGreaterThanOrEqual(CONNECTIONS_PER_10S);
    await Promise.all([...open, a, b].map((each) => each.close()));
  });

  it('sends the clients of an instance that is drained to the other one', async () => {
    const instances = await startPair();
    const [leaving, staying] = instances as [RunningService, RunningService];
    const at = await proxied(instances);
    const members = await Promise.all(Array.from({ length: 6 }, () => join(at)));
    await waitFor(async () => (await connectionsOf(leaving)) === 3, 'half of them are on the first');
    expect(await connectionsOf(staying)).toBe(3);

    const ended = leaving.stop('SIGTERM');
    await waitFor(() => members.filter(({ closed }) => closed).length === 3, 'its clients are closed');
    expect(members.flatMap(({ closed }) => closed?.code ?? [])).toEqual([1012, 1012, 1012]);
    expect(await ended).toBe(0);

    const back = [await join(at), await join(at), await join(at)];
    await waitFor(async () => (await connectionsOf(staying)) === 6, 'they are on the other one');
    const room = uniqueId('room');
    const [a, b] = [await join(at, {}, room), await join(at, {}, room)];
    a.send(offer);
    expect(await b.next()).toEqual(offer);
    const open = members.filter(({ closed }) => !closed);
    expect(open).toHaveLength(3);
    await Promise.all([...open, ...back, a, b].map((each) => each.close()));
  });
});
