import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort, openSocket, startService, uniqueId, useRedis, waitFor } from '../src/index.js';
import type { RunningService, ServiceName } from '../src/service-process.js';
import { startCollector, type CollectedSpan, type Collector } from './support/collector.js';
import { Secrets, userToken } from './support/secrets.js';

// One trace from a match to the data path, through three services, in a collector's eyes.

const redis = useRedis();
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** What a client of its own traces sends. */
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CLIENT_SPAN = '00f067aa0ba902b7';
const CLIENT = `00-${TRACE_ID}-${CLIENT_SPAN}-01`;

async function start(name: ServiceName, env: Record<string, string>): Promise<RunningService> {
  const service = await startService(name, {
    ...redis.env,
    STUN_URLS: ',',
    SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:1',
    ...env,
  });
  stops.push(() => service.stop('SIGKILL'));
  return service;
}

async function post(
  { port }: RunningService,
  path: string,
  body: object,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return (await response.json()) as {
    traceparent?: string;
    roomId: string;
    token?: string;
    ownerToken?: string;
  };
}

const collectorOf = async (): Promise<Collector> => {
  const collector = await startCollector();
  stops.push(() => collector.stop());
  return collector;
};

/** A host, a match, a room, a join, and a first message: as one client that hands on what it was told. */
async function play(
  services: Record<ServiceName, RunningService>,
  secrets: Secrets,
  hostSecret: string,
  jwtSecret: string,
) {
  const region = uniqueId('region');
  const beat = { hostId: uniqueId('host'), roomId: uniqueId('room'), region, capacity: 4, availableSlots: 4 };
  await post(services.matchmaker, '/api/host/heartbeat', beat, { authorization: `Bearer ${hostSecret}` });
  const match = await post(services.matchmaker, '/api/match/find', { region }, { traceparent: CLIENT });
  const user = secrets.addToken('token of a user', userToken({ sub: 'u1' }, jwtSecret));
  const asUser = (traceparent = '') => ({ authorization: `Bearer ${user}`, traceparent });
  const created = await post(services.gateway, '/api/rooms', { region }, asUser(match.traceparent));
  secrets.add('owner token', created.ownerToken);
  const joined = await post(
    services.gateway,
    `/api/rooms/${created.roomId}/join`,
    {},
    asUser(created.traceparent),
  );
  const token = secrets.addToken('room token', joined.token);
  const url = `ws://127.0.0.1:${services.signaling.port}/?roomId=${created.roomId}&token=${token}`;
  const socket = await openSocket(`${url}&traceparent=${joined.traceparent}`);
  for (let i = 0; i < 3; i += 1)
    socket.send({ type: 'offer', sdp: `v=0 ${secrets.make('password in an offer')}` });
  const matched = `ws://127.0.0.1:${services.signaling.port}/?roomId=${match.roomId}&token=${match.token}`;
  secrets.addToken('room token of the match', match.token);
  await waitFor(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${services.signaling.port}/metrics`)).text();
    return metrics.includes('cloudgaming_messages_forwarded_total 3');
  }, 'the messages are relayed');
  await socket.close();
  const refused = await openSocket(`${matched}x`, { headers: { traceparent: match.traceparent ?? '' } });
  await refused.waitClosed();
  return { match, created, joined };
}

const spanIdOf = (traceparent = '') => traceparent.split('-')[2];

describe('with a collector', () => {
  it('a match, a room, its join and its first message are one trace, without a secret in it', async () => {
    const collector = await collectorOf();
    const secrets = new Secrets();
    const [hostSecret, jwtSecret, key] = [
      secrets.make('HOST_SECRET'),
      secrets.make('JWT_SECRET'),
      'key of the collector',
    ];
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${encodeURIComponent(key)}`,
      HOST_SECRET: hostSecret,
      ENABLE_AUTH: 'true',
      JWT_SECRET: jwtSecret,
    };
    const services = {
      matchmaker: await start('matchmaker', env),
      gateway: await start('gateway', env),
      signaling: await start('signaling', env),
    };
    const { match, created, joined } = await play(services, secrets, hostSecret, jwtSecret);
    // What is not sent yet goes when they stop.
    for (const service of Object.values(services)) expect(await service.stop()).toBe(0);

    const one = (name: string, where: Partial<CollectedSpan> = {}): CollectedSpan => {
      const found = collector.spans.filter((span) => span.name === name && span.traceId === TRACE_ID);
      const fitting = found.filter((span) =>
        Object.entries(where).every(([k, v]) => span[k as keyof CollectedSpan] === v),
      );
      expect([name, fitting.length]).toEqual([name, 1]);
      return fitting[0] as CollectedSpan;
    };
    const matched = one('POST /api/match/find');
    expect(matched).toMatchObject({ service: 'parley-matchmaker', parentSpanId: CLIENT_SPAN });
    expect(matched.attributes).toMatchObject({
      'http.route': '/api/match/find',
      'http.response.status_code': 200,
    });
    expect(spanIdOf(match.traceparent)).toBe(matched.spanId);
    one('redis pool-allocate', { parentSpanId: matched.spanId });
    const made = one('POST /api/rooms');
    expect(made).toMatchObject({ service: 'parley-gateway', parentSpanId: matched.spanId });
    expect(spanIdOf(created.traceparent)).toBe(made.spanId);
    const seated = one('POST /api/rooms/:roomId/join');
    expect(seated).toMatchObject({ service: 'parley-gateway', parentSpanId: made.spanId });
    expect(spanIdOf(joined.traceparent)).toBe(seated.spanId);
    const joining = one('signaling join', { parentSpanId: seated.spanId });
    expect(joining).toMatchObject({
      service: 'parley-signaling',
      attributes: { 'parley.room_id': created.roomId },
    });
    one('signaling door', { parentSpanId: joining.spanId });
    one('redis room-join', { parentSpanId: joining.spanId });
    one('signaling first relay', { parentSpanId: joining.spanId });
    // By its header, and turned away for its token.
    const refused = one('signaling join', { parentSpanId: matched.spanId });
    expect(refused.attributes).toMatchObject({ 'parley.close_code': 1008 });

    // What hosts do by themselves is a trace of its own.
    const heartbeats = collector.spans.filter(({ name }) => name === 'POST /api/host/heartbeat');
    expect(heartbeats.map(({ traceId }) => traceId)).not.toContain(TRACE_ID);
    // Nothing that runs by itself.
    const strays = collector.spans.filter(
      ({ name, parentSpanId }) => name.startsWith('redis') && !parentSpanId,
    );
    expect(strays).toEqual([]);
    expect(secrets.foundIn(collector.requests)).toEqual([]);
    expect(
      collector.requests.every((request) => request.includes(`/v1/traces `) && request.includes(key)),
    ).toBe(true);
  });

  it('what rooms do together is a part of nobody’s join but one’s own', async () => {
    const collector = await collectorOf();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, RATE_LIMIT_CONN_PER_10S: '1000' };
    const signaling = await start('signaling', env);
    const offer = JSON.stringify({ type: 'offer', sdp: 'v=0' });
    const rooms = Array.from({ length: 40 }, () => uniqueId('room'));
    const sockets = await Promise.all(
      rooms.map((room) =>
        openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${room}`, {}, (socket) => socket.send(offer)),
      ),
    );
    // Who goes before it has joined ends its span: what is done for it then is a part of nothing.
    await waitFor(async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${signaling.port}/metrics`)).text();
      const joined =
        /^cloudgaming_redis_operation_duration_seconds_count\{.*operation="room-join".*\} (\d+)$/m;
      return Number(joined.exec(metrics)?.[1]) === rooms.length;
    }, 'all have joined');
    await Promise.all(sockets.map((socket) => socket.close()));
    expect(await signaling.stop()).toBe(0);
    const joins = collector.spans.filter(({ name }) => name === 'signaling join');
    expect(new Set(joins.map(({ attributes }) => attributes['parley.room_id']))).toEqual(new Set(rooms));
    const scripts = collector.spans.filter(({ name }) => /^redis room-(join|send)$/.test(name));
    const byParent = joins.map(({ spanId }) =>
      scripts.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name),
    );
    expect(byParent).toEqual(rooms.map(() => ['redis room-join']));
  });

  it('a client’s word is taken for whether to trace, or not', async () => {
    const collector = await collectorOf();
    const unsampled = CLIENT.replace(/01$/, '00');
    const ask = async (sampler: string, traceparent: string) => {
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_SERVICE_NAME: sampler,
        OTEL_TRACES_SAMPLER: sampler,
      };
      const gateway = await start('gateway', env);
      await post(gateway, '/api/rooms', {}, { traceparent });
      expect(await gateway.stop()).toBe(0);
      return collector.spans.filter(({ service }) => service === sampler).length;
    };
    expect(await ask('parentbased_always_on', unsampled)).toBe(0);
    expect(await ask('always_on', unsampled)).toBeGreaterThan(0);
    expect(await ask('parentbased_always_off', CLIENT)).toBeGreaterThan(0);
    expect(await ask('always_off', CLIENT)).toBe(0);
  });

  it('that is away, services work and stop as ever, and say so', async () => {
    const port = await findFreePort();
    const gateway = await start('gateway', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    const answer = await post(gateway, '/api/rooms', {}, { traceparent: 'no-trace-at-all' });
    expect(answer).toMatchObject({ code: 'no_capacity' });
    await waitFor(
      () => gateway.log.some((line) => line.includes('traces could not be sent')),
      'it says so',
      20_000,
    );
    const stoppedAt = performance.now();
    expect(await gateway.stop()).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  });
});

describe('without a collector', () => {
  it('nothing is traced, and nothing of the SDK is loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-loaded-'));
    stops.push(() => rm(folder, { recursive: true }));
    // At its end, Node writes down every script that it has loaded.
    const matchmaker = await start('matchmaker', { HOST_SECRET: 'a-secret', NODE_V8_COVERAGE: folder });
    const region = uniqueId('region');
    const beat = { hostId: uniqueId('host'), roomId: uniqueId('room'), region };
    await post(matchmaker, '/api/host/heartbeat', beat, { authorization: 'Bearer a-secret' });
    const match = await post(matchmaker, '/api/match/find', { region }, { traceparent: CLIENT });
    expect(match.roomId).toBe(beat.roomId);
    expect(match).not.toHaveProperty('traceparent');
    expect(await matchmaker.stop()).toBe(0);
    const files = (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8'));
    const loaded = (await Promise.all(files)).flatMap((text) =>
      (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
    );
    expect(loaded.filter((url) => url.endsWith('/runtime/dist/trace/tracing.js'))).toHaveLength(1);
    expect(loaded.filter((url) => /@opentelemetry\/(?!api\/)|trace\/otel\.js/.test(url))).toEqual([]);
  });
});
