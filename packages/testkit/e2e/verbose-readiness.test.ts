import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort, startService, useCluster, useRedis, useSentinel, waitFor } from '../src/index.js';
import type { RunningService, ServiceName } from '../src/service-process.js';

// What operators read of every service, on real processes.

const SERVICES = ['signaling', 'matchmaker', 'gateway'] as const;

const redis = useRedis(['--requirepass', 'hunter2-of-redis']);
const cluster = useCluster();
const sentinel = useSentinel();

const running: RunningService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop('SIGKILL')));
});

async function start(name: ServiceName, env: Record<string, string> = {}): Promise<RunningService> {
  const { port } = new URL(redis.url);
  const service = await startService(name, {
    REDIS_URL: `redis://:hunter2-of-redis@127.0.0.1:${port}`,
    HOST_SECRET: 'hunter2-of-hosts',
    ...env,
  });
  running.push(service);
  return service;
}

async function ask(port: number, path = '/readyz?verbose') {
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  const tookMs = performance.now() - startedAt;
  return { status: response.status, text, tookMs, type: response.headers.get('content-type') };
}

const untilStatus = (port: number, status: number) =>
  waitFor(async () => {
    const answer = await ask(port);
    return answer.status === status ? answer : undefined;
  }, `/readyz?verbose says ${status}`);

const details = (text: string) => JSON.parse(text) as Record<string, unknown>;

/** A member that never answers a close, or half a request: what a service waits for when it stops. */
async function openUnfinished(port: number, name: ServiceName): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  if (name !== 'signaling') {
    socket.write('POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
    return socket;
  }
  const key = Buffer.alloc(16).toString('base64');
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13`;
  socket.write(`GET /?roomId=r1 HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

describe.each(SERVICES)('GET /readyz?verbose of %s', (name) => {
  it('tells how the process and its Redis are, and no secret', async () => {
    const service = await start(name);
    await untilStatus(service.port, 200);
    const { status, text, type } = await waitFor(async () => {
      const answer = await ask(service.port);
      return answer.text.includes('"p99Ms":null') ? undefined : answer;
    }, 'the event loop was watched for a moment');
    expect([status, type]).toEqual([200, 'application/json']);
    const positive = expect.any(Number) as number;
    expect(details(text)).toEqual({
      ready: true,
      draining: false,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      node: process.version,
      pid: service.process.pid,
      uptimeSeconds: positive,
      memory: { rssBytes: positive, heapUsedBytes: positive, heapTotalBytes: positive },
      eventLoopDelay: { p50Ms: positive, p99Ms: positive, maxMs: positive },
      redis: { mode: 'standalone', role: 'master', latencyMs: positive, circuit: 'closed' },
    });
    expect(text).not.toContain('hunter2');
    expect(text).not.toMatch(/127\.0\.0\.1|redis:/);
    expect(await ask(service.port, '/readyz')).toMatchObject({
      status: 200,
      text: 'ready',
      type: 'text/plain',
    });
  });

  it('answers on HEALTH_PORT, and in time while Redis hangs or is gone', async () => {
    const healthPort = await findFreePort();
    // Longer than the probe may take.
    const service = await start(name, {
      HEALTH_PORT: String(healthPort),
      REDIS_COMMAND_TIMEOUT_MS: '8000',
      CB_ERROR_THRESHOLD: '1',
    });
    await untilStatus(healthPort, 200);
    redis.pause();
    const hanging = await untilStatus(healthPort, 503);
    expect(hanging.tookMs).toBeLessThan(3_000);
    expect(details(hanging.text)).toMatchObject({
      ready: false,
      draining: false,
      redis: { mode: 'standalone', role: null, latencyMs: null },
    });
    expect(await ask(service.port, '/readyz')).toMatchObject({ status: 503, text: 'not-ready' });
    redis.resume();
    await untilStatus(healthPort, 200);
    await redis.stop();
    const gone = await untilStatus(service.port, 503);
    expect(details(gone.text)).toMatchObject({ redis: { role: null, latencyMs: null } });
    expect(gone.text).not.toContain('hunter2');
    await redis.restart();
    await untilStatus(healthPort, 200);
  });

  it('says that it drains, with 503, while it still has something to end', async () => {
    const healthPort = await findFreePort();
    const service = await start(name, { HEALTH_PORT: String(healthPort), DRAIN_TIMEOUT_MS: '8000' });
    await untilStatus(healthPort, 200);
    const unfinished = await openUnfinished(service.port, name);
    service.process.kill('SIGTERM');
    const draining = await untilStatus(healthPort, 503);
    expect(details(draining.text)).toMatchObject({ ready: false, draining: true, redis: { role: 'master' } });
    unfinished.destroy();
  });
});

it('names the worker that answered, where several share the port', async () => {
  const service = await start('signaling', { WORKERS: '2', PORT: String(await findFreePort()) });
  await untilStatus(service.port, 200);
  const { pid, redis: seen } = details((await ask(service.port)).text);
  expect(pid).not.toBe(service.process.pid);
  expect(seen).toMatchObject({ mode: 'standalone', role: 'master' });
});

it('says whether Redis is a Cluster or named by Sentinels', async () => {
  for (const [mode, env] of [
    ['cluster', cluster.env],
    ['sentinel', sentinel.env],
  ] as const) {
    const service = await start('matchmaker', { REDIS_URL: 'redis://127.0.0.1:1', ...env });
    const { text } = await untilStatus(service.port, 200);
    expect(details(text)).toMatchObject({ redis: { mode, role: 'master', circuit: 'closed' } });
  }
});
