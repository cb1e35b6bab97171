import { createConnection } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openSocket, uniqueId, waitFor } from '../src/index.js';
import type { RunningService } from '../src/service-process.js';
import type { SocketOptions } from '../src/socket.js';
import { startMetered } from './support/metered.js';
import { Deployment } from './support/secretive-deployment.js';
import { userToken } from './support/secrets.js';

// All that the services print while everything happens to them that may, with every secret that is part of it.

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(
  url: string,
  method: string,
  bearer?: string,
  body?: object | string,
  more: object = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...more,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Answer['body'],
  };
}

/** Say something that is no HTTP, or not quite, and wait for the end. */
async function sayRaw(port: number, text: string): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  socket.end(text);
  await once(socket, 'close');
}

const at = ({ port }: RunningService, path = '') => `http://127.0.0.1:${port}${path}`;

/** Hosts come, with good and bad secrets; operators look; clients find a match. */
async function match(run: Deployment, matchmaker: RunningService, room: string): Promise<void> {
  const beat = { hostId: uniqueId('host'), roomId: room, region: 'r', capacity: 4, availableSlots: 4 };
  const heartbeat = (bearer?: string, body: object | string = beat) =>
    ask(at(matchmaker, '/api/host/heartbeat'), 'POST', bearer, body);
  const hosts = await heartbeat(run.hostSecret);
  expect(hosts.status).toBe(200);
  expect((await heartbeat(run.previousSecret)).status).toBe(200);
  expect((await heartbeat(run.secrets.make('wrong HOST_SECRET'))).status).toBe(403);
  expect((await heartbeat()).status).toBe(401);
  expect(
    (await heartbeat(run.hostSecret, `{"hostId":"${run.secrets.make('secret in half a body')}`)).status,
  ).toBe(400);
  const wrongType = { ...beat, capacity: run.secrets.make('secret in a wrong field') };
  expect((await heartbeat(run.hostSecret, wrongType)).status).toBe(400);
  const tooLarge = run.secrets.make('secret in a body that is too large').repeat(40_000);
  expect((await heartbeat(run.hostSecret, tooLarge)).status).toBe(413);
  for (const bearer of [run.adminToken, run.secrets.make('wrong ADMIN_TOKEN')]) {
    await ask(at(matchmaker, '/api/hosts'), 'GET', bearer);
  }
  const found = await ask(at(matchmaker, '/api/match/find'), 'POST', undefined, { region: 'r' });
  expect(found.status).toBe(200);
  run.secrets.addToken('room token of a match', found.body['token']);
  const token = run.secrets.make('token in a path that is not there');
  await ask(at(matchmaker, `/api/${token}?token=${token}`), 'GET', token);
  await sayRaw(matchmaker.port, `GET /?token=${run.secrets.make('token in garbage')} HTP/9\r\n\r\n`);
}

/** A room is made, joined, watched and deleted, with good and bad tokens. */
async function rooms(run: Deployment, gateway: RunningService): Promise<{ roomId: string; token: string }> {
  const user = run.secrets.addToken('token of a user', userToken({ sub: 'u1' }, run.jwtSecret));
  const forged = run.secrets.addToken(
    'forged token',
    userToken({ sub: 'u1' }, run.secrets.make('forger’s key')),
  );
  const key = { 'idempotency-key': run.secrets.make('Idempotency-Key') };
  const body = { region: 'r', metadata: { note: run.secrets.make('metadata') } };
  const make = (bearer?: string) => ask(at(gateway, '/api/rooms'), 'POST', bearer, body, key);
  const made = await make(user);
  expect(made.status).toBe(201);
  expect((await make(user)).status).toBe(201);
  expect((await make(forged)).status).toBe(401);
  const owner = run.secrets.add('owner token', made.body['ownerToken']);
  const roomId = String(made.body['roomId']);
  const joined = await ask(at(gateway, `/api/rooms/${roomId}/join`), 'POST', user, {});
  expect(joined.status).toBe(200);
  const token = run.secrets.addToken('room token of a join', joined.body['token']);
  const turn = (joined.body['iceServers'] as { username?: string; credential?: string }[]).at(-1);
  run.secrets.add('TURN credential', turn?.credential);
  for (const bearer of [owner, token, forged, run.secrets.make('wrong owner token')]) {
    await ask(at(gateway, `/api/rooms/${roomId}?token=${bearer}`), 'GET', bearer);
    await ask(at(gateway, `/api/rooms/${roomId}`), 'PATCH', bearer, { visibility: 'nonsense' });
  }
  await ask(at(gateway, '/api/overview'), 'GET', run.adminToken);
  return { roomId, token };
}

/** Members join by URL and by header, come back, and are refused. */
async function signal(
  run: Deployment,
  signaling: RunningService,
  { roomId, token }: { roomId: string; token: string },
) {
  const join = (query: string, options: SocketOptions = {}) =>
    openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${roomId}${query}`, options);
  const v1 = { protocols: ['parley.v1'] };
  const byHeader = await join('', { headers: { authorization: `Bearer ${token}` } });
  byHeader.send({ type: 'offer', sdp: `a=ice-pwd:${run.secrets.make('password in an offer')}` });
  byHeader.send({ type: 'nothing', secret: run.secrets.make('secret in a message that is not valid') });
  byHeader.send(`{"half":"${run.secrets.make('secret in half a message')}`);
  expect(await byHeader.next()).toMatchObject({ action: 'schema-error' });
  await byHeader.close();
  const first = await join(`&token=${token}`, v1);
  const welcome = (await first.next()) as { resumeToken: string };
  const resume = run.secrets.add('resume token', welcome.resumeToken);
  run.secrets.add('resume token, secret part', resume.split('.')[1]);
  first.send({ type: 'chat', text: run.secrets.make('text of a chat') });
  first.socket.terminate();
  const back = await openSocket(
    `ws://127.0.0.1:${signaling.port}/?roomId=${roomId}&token=${token}&resume=${encodeURIComponent(resume)}`,
    v1,
    (socket) => socket.send(JSON.stringify({ type: 'resume', seen: {} })),
  );
  const again = (await back.next()) as { resumeToken: string };
  run.secrets.add('next resume token', again.resumeToken);
  await back.close();
  const forged = userToken({ sub: 'u', rooms: [roomId] }, run.secrets.make('another forger’s key'));
  for (const bad of [
    run.secrets.addToken('forged token for a room', forged),
    run.secrets.make('no token at all'),
  ]) {
    expect((await (await join(`&token=${bad}`)).waitClosed()).code).toBe(1008);
    await (await join('', { headers: { authorization: `Bearer ${bad}` } })).waitClosed();
    await (await join(`&token=${token}&resume=${bad}`, v1)).close();
    await (await openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${bad}%20&token=${bad}`)).waitClosed();
  }
  await sayRaw(signaling.port, `GET /?token=${run.secrets.make('token in half a request')} HTTP/1.1\r\nHos`);
  await ask(at(signaling, `/?roomId=${roomId}&token=${token}`), 'GET', token);
}

/** Redis goes away in the middle of it, and comes back. */
async function outage(
  run: Deployment,
  [signaling, ...others]: RunningService[],
  token: string,
  roomId: string,
) {
  const port = run.redisPort;
  await run.redis?.stop();
  for (let i = 0; i < 4; i += 1) {
    for (const service of others) {
      await ask(at(service, '/api/match/find'), 'POST', run.hostSecret, {});
      await ask(
        at(service, '/api/rooms'),
        'POST',
        token,
        {},
        { 'idempotency-key': run.secrets.make(`key ${i}`) },
      );
      await ask(at(service, '/api/host/heartbeat'), 'POST', run.hostSecret, {
        hostId: 'h',
        roomId,
        region: 'r',
      });
    }
    const refused = await openSocket(`ws://127.0.0.1:${signaling?.port}/?roomId=${roomId}&token=${token}`);
    await refused.waitClosed();
  }
  await run.startRedis(port);
  for (const service of [signaling, ...others]) {
    await waitFor(
      async () => (await fetch(`http://127.0.0.1:${service?.port}/readyz`)).ok,
      'it is back',
      20_000,
    );
  }
}

/** Processes that cannot use what they were given. */
async function misconfigured(run: Deployment): Promise<void> {
  const wrong = run.secrets.make('wrong password of Redis');
  const unusable = [
    { REDIS_URL: `redis://:${wrong}@127.0.0.1:${run.redisPort}` },
    { REDIS_URL: `redis://somebody:${wrong}@127.0.0.1:1` },
    { REDIS_URL: `rediss://somebody:${wrong}@127.0.0.1:${run.redisPort}` },
    { REDIS_URL: `redis://:${wrong}@127.0.0.1:1`, REDIS_CLUSTER_NODES: `127.0.0.1:${run.redisPort}` },
    { REDIS_URL: `redis://:${wrong}@127.0.0.1:1`, REDIS_SENTINELS: `127.0.0.1:${run.redisPort}` },
  ];
  await Promise.all(
    unusable.map(async (env) => {
      const service = await run.start('gateway', env);
      await waitFor(() => service.log.some((line) => line.includes('Redis problem')), 'it says so');
    }),
  );
  await run.expectRefused('matchmaker', { REDIS_URL: `redis://:${wrong}@127.0.0.1:1/notanumber` });
  await run.expectRefused('matchmaker', { REDIS_URL: `http://:${wrong}@127.0.0.1` });
  const insecure = { NODE_ENV: 'production', SIGNALING_PUBLIC_URL: '', HOST_SECRET: 'to-change-in-prod' };
  await run.expectRefused('matchmaker', insecure);
}

/** Settings that no request shows; each has to have been among what was looked for. */
const LOOKED_FOR = ['HOST_SECRET', 'room token of a match', 'resume token', 'TURN credential', 'owner token'];

/** If one of them is missing, the run was not what it should be. */
const SAID = [
  'listening',
  'request',
  'member joined',
  'connection ended',
  'connection turned away',
  'Redis problem',
  'Redis is not usable',
  'Redis circuit changed',
  'TURN provider gave no credentials',
  'stopping',
  'stopped',
];

interface Line {
  readonly msg: string;
  readonly requestId?: string;
  readonly memberId?: string;
}

/** One line for each event in a process's life, one for each request, one for each beginning and end of a connection. */
function expectOneLineEach(printed: readonly string[]): void {
  const lines = printed.map((text) => JSON.parse(text) as Line);
  const of = (msg: string) => lines.filter((line) => line.msg === msg);
  for (const line of lines) {
    expect(line).toMatchObject({ time: expect.any(Number) as number, pid: expect.any(Number) as number });
    expect(line).toMatchObject({ level: expect.any(String) as string, name: expect.any(String) as string });
  }
  for (const event of ['listening', 'stopping', 'stopped']) expect(of(event)).toHaveLength(1);
  const requests = of('request').map(({ requestId }) => requestId);
  expect(requests).not.toContain(undefined);
  expect(new Set(requests).size).toBe(requests.length);
  const ended = of('connection ended').map(({ memberId }) => memberId);
  // Who came back had the same name before.
  const joined = new Set(of('member joined').map(({ memberId }) => memberId));
  expect(ended).toEqual(expect.arrayContaining([...joined]));
}

describe.each(['debug', 'trace'])(
  'at %s, in no line that any service prints',
  { timeout: 120_000 },
  (level) => {
    it('stands a secret, a token or a credential', async () => {
      const deployment = new Deployment(level);
      stops.push(() => deployment.end());
      const { secrets } = deployment;
      const metered = await startMetered({
        apiKey: secrets.make('key of one TURN credential'),
        username: secrets.make('TURN user'),
        credential: secrets.make('TURN credential of Metered'),
      });
      stops.push(metered.stop);
      await deployment.startRedis();
      const signaling = await deployment.start('signaling');
      const withMetered = { METERED_DOMAIN: metered.domain };
      const matchmaker = await deployment.start('matchmaker', withMetered);
      const operated = { NODE_ENV: 'production', METERED_DOMAIN: '', METERED_API_KEY: '', DEMO: 'false' };
      const inProduction = await deployment.start('matchmaker', operated);
      const gateway = await deployment.start('gateway', operated);
      for (const each of [matchmaker, inProduction]) await match(deployment, each, uniqueId('room'));
      metered.refuses = true;
      const refused = await deployment.start('matchmaker', withMetered);
      await match(deployment, refused, uniqueId('room'));
      const room = await rooms(deployment, gateway);
      await signal(deployment, signaling, room);
      await outage(deployment, [signaling, matchmaker, gateway], room.token, room.roomId);
      await misconfigured(deployment);

      const processes = await deployment.stop();
      const lines = [...deployment.lines, ...processes.flat()];
      expect(secrets.foundIn(lines)).toEqual([]);
      expect([...secrets.names]).toEqual(expect.arrayContaining(LOOKED_FOR));
      const said = new Set(lines.map((line) => /"msg":"([^"]*)"/.exec(line)?.[1]));
      expect([...said]).toEqual(expect.arrayContaining(SAID));
      for (const printed of processes) expectOneLineEach(printed);
    });
  },
);
