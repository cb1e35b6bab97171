import { connect, createServer } from 'node:net';
import { findFreePort, startRedis, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { runFixture, type FixtureProcess } from './process.js';

const redis = useRedis();
const started: FixtureProcess[] = [];
afterEach(async () => {
  for (const fixture of started.splice(0)) {
    fixture.kill('SIGKILL');
    await fixture.exit;
  }
});

function run(env: Record<string, string> = {}): FixtureProcess {
  const fixture = runFixture({ REDIS_URL: redis.url, ...env });
  started.push(fixture);
  return fixture;
}

const get = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`);
const messages = (fixture: FixtureProcess) => fixture.lines().map(({ msg }) => msg);

describe('starting', () => {
  it('names every bad variable with what was expected, and exits 1', async () => {
    const fixture = run({ PORT: 'http', ROOM_TTL_SECONDS: '0', REDIS_URL: 'localhost', LOG_LEVEL: 'loud' });
    expect(await fixture.exit).toBe(1);
    for (const variable of ['PORT', 'ROOM_TTL_SECONDS', 'REDIS_URL', 'LOG_LEVEL']) {
      expect(fixture.output()).toMatch(new RegExp(`^ +${variable}: .*expected`, 'm'));
    }
  });

  it('refuses insecure defaults in production, and exits 1', async () => {
    const fixture = run({ NODE_ENV: 'production' });
    expect(await fixture.exit).toBe(1);
    expect(fixture.output()).toContain('SIGNALING_PUBLIC_URL');
  });

  it('that fails says why, and exits 1', async () => {
    const fixture = run({ FIXTURE: 'fails' });
    expect(await fixture.exit).toBe(1);
    expect(fixture.output()).toContain('cannot open');
  });

  it('on a port that is taken says which, and exits 1', async () => {
    const first = run();
    const second = run({ PORT: String(await first.port()) });
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain(`EADDRINUSE: address already in use 127.0.0.1:${await first.port()}`);
  });

  it('on a Redis that evicts says so, and exits 1', async () => {
    const evicting = await startRedis({ ignoreUrl: true, args: ['--maxmemory-policy', 'allkeys-lru'] });
    const fixture = run({ REDIS_URL: evicting.url });
    expect(await fixture.exit).toBe(1);
    expect(fixture.output()).toContain('maxmemory-policy is allkeys-lru');
    await evicting.stop();
  });

  it('without Redis stays alive, not ready, and becomes ready when Redis comes', async () => {
    const first = await startRedis({ ignoreUrl: true });
    await first.stop();
    const fixture = run({ REDIS_URL: first.url });
    const port = await fixture.port();
    expect((await get(port, '/healthz')).status).toBe(200);
    const notReady = await get(port, '/readyz');
    expect([notReady.status, await notReady.text()]).toEqual([503, 'not-ready']);
    const second = await startRedis({ ignoreUrl: true, port: Number(new URL(first.url).port) });
    const ready = await waitFor(async () => {
      const response = await get(port, '/readyz');
      return response.status === 200 && response.text();
    }, 'it becomes ready');
    expect(ready).toBe('ready');
    await second.stop();
    await waitFor(async () => (await get(port, '/readyz')).status === 503, 'it is not ready any more');
    expect((await get(port, '/healthz')).status).toBe(200);
  });
});

describe('stopping', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('at %s closes in reverse order and exits 0', async (signal) => {
    const fixture = run();
    await fixture.port();
    fixture.kill(signal);
    expect(await fixture.exit).toBe(0);
    const said = messages(fixture);
    const stopping = ['stopping', 'draining', 'closed first', 'stopped'];
    expect(said.filter((each) => stopping.includes(String(each)))).toEqual(stopping);
  });

  it('is not ready while it drains, still alive, and finishes what it began', async () => {
    const fixture = run({ FIXTURE: 'drains' });
    const port = await fixture.port();
    expect((await get(port, '/readyz')).status).toBe(200);
    const slow = get(port, '/slow');
    fixture.kill('SIGTERM');
    await waitFor(async () => (await get(port, '/readyz')).status === 503, 'it is not ready', 400);
    expect((await get(port, '/healthz')).status).toBe(200);
    expect(await (await slow).json()).toEqual({ slow: true });
    expect(await fixture.exit).toBe(0);
  });

  it('does not wait for connections that nobody uses, or for half a request', async () => {
    const fixture = run();
    const port = await fixture.port();
    const unused = connect(port, '127.0.0.1');
    const half = connect(port, '127.0.0.1', () => half.write('POST /slow HTTP/1.1\r\nHost: x\r\nConte'));
    for (const socket of [unused, half]) socket.on('error', () => {});
    await get(port, '/slow');
    fixture.kill('SIGTERM');
    expect(await fixture.exit).toBe(0);
    for (const socket of [unused, half]) socket.destroy();
  });

  it('that takes too long ends at the deadline with exit code 1', async () => {
    const fixture = run({ FIXTURE: 'hangs', DRAIN_TIMEOUT_MS: '300' });
    await fixture.port();
    fixture.kill('SIGTERM');
    expect(await fixture.exit).toBe(1);
    expect(messages(fixture)).toContain('not stopped within the drain timeout');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends at once at a second %s, with exit code %i', async (signal, code) => {
    const fixture = run({ FIXTURE: 'hangs', DRAIN_TIMEOUT_MS: '60000' });
    await fixture.port();
    fixture.kill('SIGTERM');
    await waitFor(() => messages(fixture).includes('draining'), 'it drains');
    fixture.kill(signal);
    expect(await fixture.exit).toBe(code);
  });
});

describe('a defect', () => {
  it.each([
    ['/crash', 'a defect'],
    ['/reject', 'a forgotten defect'],
  ])('at %s is logged, lets go of what others wait for, and exits 1', async (path, message) => {
    const fixture = run();
    await get(await fixture.port(), path);
    expect(await fixture.exit).toBe(1);
    const crash = fixture.lines().find(({ msg }) => msg === 'crashed');
    expect(crash).toMatchObject({ level: 'fatal', err: { message } });
    expect(messages(fixture)).toContain('closed first');
  });

  it('of one request is a 500 that tells nothing, and a log line with its id', async () => {
    const fixture = run();
    const requestId = uniqueId('request');
    const response = await fetch(`http://127.0.0.1:${await fixture.port()}/fail`, {
      headers: { 'X-Request-Id': requestId },
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
    const logged = await waitFor(
      () => fixture.lines().find(({ level }) => level === 'error'),
      'it is logged',
    );
    expect(logged).toMatchObject({
      requestId,
      err: { message: expect.stringContaining('hunter2') as string },
    });
  });
});

describe('SIGUSR2', () => {
  it.each(['info', 'error', 'silent', 'trace'])(
    'switches from %s to debug and back, and says so',
    async (level) => {
      const port = await findFreePort();
      const fixture = run({ LOG_LEVEL: level, PORT: String(port) });
      await waitFor(async () => (await get(port, '/healthz').catch(() => undefined))?.ok, 'it serves');
      const changes = () => fixture.lines().filter(({ msg }) => msg === 'log level');
      const requests = () => fixture.lines().filter(({ msg }) => msg === 'request').length;
      for (const [to, count] of [
        ['debug', 1],
        [level, 2],
        ['debug', 3],
      ] as const) {
        const before = requests();
        fixture.kill('SIGUSR2');
        await waitFor(() => changes().length === count, 'it says so');
        expect(changes().at(-1)).toMatchObject({ to });
        await get(port, '/slow');
        const isDetailed = to === 'debug' || to === 'trace';
        await waitFor(() => requests() === before + (isDetailed ? 1 : 0), 'requests are told, or not');
      }
    },
  );
});

describe('HEALTH_PORT', () => {
  it('serves the probes and nothing else, also while the main port is closed', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await waitFor(() => probe.address(), 'a free port');
    const { port: healthPort } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const fixture = run({ HEALTH_PORT: String(healthPort) });
    await fixture.port();
    expect(await (await get(healthPort, '/healthz')).text()).toBe('ok');
    expect((await get(healthPort, '/readyz')).status).toBe(200);
    expect(await (await get(healthPort, '/metrics')).text()).toContain('cloudgaming_redis_up 1');
    expect((await get(healthPort, '/slow')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${healthPort}/healthz`, { method: 'POST' })).status).toBe(404);
  });
});

describe('PRETTY_LOGS', () => {
  it('writes for people, to the last line', async () => {
    const fixture = run({ PRETTY_LOGS: 'true' });
    await waitFor(() => fixture.output().includes('listening'), 'it listens');
    fixture.kill('SIGTERM');
    expect(await fixture.exit).toBe(0);
    expect(fixture.lines()).toEqual([]);
    expect(fixture.output()).toContain('INFO');
    expect(fixture.output()).toContain('stopped');
  });
});
