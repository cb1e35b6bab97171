import { waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { createProbes, Health, listen, Metrics } from '../src/index.js';
import { absentRedis } from './api.js';

async function serveProbes(health: Health, metrics = new Metrics()) {
  const probes = createProbes(health, metrics, absentRedis());
  const listener = await listen(
    (request, response) => {
      if (!probes(request, response)) response.writeHead(426).end();
    },
    0,
    '127.0.0.1',
  );
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${listener.address.port}${path}`, { method });
    return [response.status, await response.text()] as const;
  };
  return { ask, stop: () => listener.close() };
}

describe('readiness', () => {
  it('is no before the start, yes while every check holds, and no while draining', async () => {
    let holds = true;
    const health = new Health({ dependency: () => holds, other: () => Promise.resolve(true) });
    const { ask, stop } = await serveProbes(health);
    expect(await ask('/readyz')).toEqual([503, 'not-ready']);
    health.started();
    expect(await ask('/readyz?verbos')).toEqual([200, 'ready']);
    holds = false;
    expect(await ask('/readyz')).toEqual([503, 'not-ready']);
    holds = true;
    health.draining();
    expect(await ask('/readyz')).toEqual([503, 'not-ready']);
    expect(await ask('/healthz')).toEqual([200, 'ok']);
    await stop();
  });

  it('is no when a check throws, or does not answer within a second', async () => {
    const failing = new Health({ dependency: () => Promise.reject(new Error('away')) });
    const hanging = new Health({ dependency: () => new Promise<boolean>(() => {}) });
    failing.started();
    hanging.started();
    expect(await failing.isReady()).toBe(false);
    const startedAt = performance.now();
    expect(await hanging.isReady()).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

describe('readiness, verbosely', () => {
  const readDetails = (text: string) => JSON.parse(text) as Record<string, unknown>;

  it('has the status of the plain probe, and says the same without Redis', async () => {
    const health = new Health();
    const { ask, stop } = await serveProbes(health);
    expect((await ask('/readyz?verbose'))[0]).toBe(503);
    await stop();
    health.started();
    const started = await serveProbes(health);
    const [status, text] = await started.ask('/readyz?verbose=1&x=2');
    expect(status).toBe(200);
    expect(readDetails(text)).toMatchObject({
      ready: true,
      draining: false,
      version: '0.1.0',
      pid: process.pid,
      redis: { mode: 'standalone', role: null, latencyMs: null, circuit: 'closed' },
    });
    await started.stop();
  });

  it('tells of a stall of the event loop', async () => {
    const { ask, stop } = await serveProbes(new Health());
    const longest = async () => {
      const { eventLoopDelay } = readDetails((await ask('/readyz?verbose'))[1]);
      return (eventLoopDelay as { maxMs: number | null }).maxMs;
    };
    await waitFor(async () => (await longest()) !== null, 'there are samples');
    const until = performance.now() + 400;
    while (performance.now() < until);
    await waitFor(async () => ((await longest()) ?? 0) > 200, 'the stall is told', 5_000);
    await stop();
  });

  it('looks once a second, however often it is asked, but tells of a drain at once', async () => {
    const health = new Health({ asked: () => (looks += 1) > 0 });
    let looks = 0;
    health.started();
    const { ask, stop } = await serveProbes(health);
    await Promise.all(Array.from({ length: 50 }, () => ask('/readyz?verbose')));
    expect(looks).toBe(1);
    health.draining();
    const [status, text] = await ask('/readyz?verbose');
    expect([status, readDetails(text)]).toMatchObject([503, { ready: false, draining: true }]);
    expect(looks).toBe(1);
    await stop();
  });
});

describe('metrics', () => {
  it('have the prefix, and gauges are read at the scrape', async () => {
    const metrics = new Metrics();
    let connections = 1;
    metrics.gauge('active_connections', 'Connections', () => connections);
    metrics.counter('things_total', 'Things', ['kind']).inc({ kind: 'a' }, 3);
    metrics.histogram('wait_seconds', 'Waiting').observe(0.2);
    const { ask, stop } = await serveProbes(new Health(), metrics);
    connections = 7;
    const [status, text] = await ask('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('cloudgaming_active_connections 7');
    expect(text).toContain('cloudgaming_things_total{kind="a"} 3');
    expect(text).toContain('cloudgaming_wait_seconds_bucket{le="0.25"} 1');
    expect(text).toContain('process_cpu_seconds_total');
    await stop();
  });

  it('and probes leave everything else alone', async () => {
    const { ask, stop } = await serveProbes(new Health());
    expect((await ask('/'))[0]).toBe(426);
    expect((await ask('/healthz', 'POST'))[0]).toBe(426);
    expect((await ask('/constructor'))[0]).toBe(426);
    await stop();
  });
});
