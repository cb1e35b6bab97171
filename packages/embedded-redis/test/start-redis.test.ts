import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RedisStartError, startRedis, type RunningRedis, type StartOptions } from '../src/index.js';
import { tempFolder } from './helpers/folders.js';
import { isListening, isRunning } from './helpers/liveness.js';

async function start(options: StartOptions = {}): Promise<RunningRedis> {
  const redis = await startRedis({ ignoreUrl: true, ...options });
  onTestFinished(redis.stop);
  return redis;
}

function clientOf({ url }: { url: string }): Redis {
  const client = new Redis(url, { retryStrategy: () => null });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

async function settingOf(client: Redis, name: string): Promise<string | undefined> {
  const [, value] = await client.config('GET', name);
  return value;
}

describe('a Redis that was started', () => {
  it('answers at once and runs Lua with cjson', async () => {
    const redis = await start();
    const client = clientOf(redis);
    expect(await client.ping()).toBe('PONG');
    const script = 'return cjson.encode({sum = cjson.decode(ARGV[1])[1] + cjson.decode(ARGV[1])[2]})';
    expect(await client.eval(script, 0, '[2,3]')).toBe('{"sum":5}');
    expect(await client.info('server')).toContain(`process_id:${redis.pid}\r\n`);
    expect(redis.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('listens on loopback only and saves nothing', async () => {
    const client = clientOf(await start());
    expect(await settingOf(client, 'bind')).toBe('127.0.0.1');
    expect(await settingOf(client, 'save')).toBe('');
    expect(await settingOf(client, 'appendonly')).toBe('no');
  });

  it('is gone after stop, with its working folder, however often stop is called', async () => {
    const redis = await start();
    const folder = await settingOf(clientOf(redis), 'dir');
    expect(folder).toSatisfy(existsSync);
    await Promise.all([redis.stop(), redis.stop()]);
    await redis.stop();
    expect(await isListening(redis.url)).toBe(false);
    expect(redis.pid).not.toSatisfy(isRunning);
    expect(folder).not.toSatisfy(existsSync);
  });

  it('is gone after stop even when it is frozen', async () => {
    const redis = await start();
    process.kill(redis.pid!, 'SIGSTOP');
    await redis.stop();
    expect(redis.pid).not.toSatisfy(isRunning);
  });

  it('can have died before stop', async () => {
    const redis = await start();
    process.kill(redis.pid!, 'SIGKILL');
    await redis.stop();
    expect(redis.pid).not.toSatisfy(isRunning);
  });

  it('runs beside others', async () => {
    const all = await Promise.all([start(), start(), start()]);
    expect(new Set(all.map(({ url }) => url)).size).toBe(3);
  });

  it('takes a port that it is given, and can be started there again', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await first.stop();
    const second = await start({ port });
    expect(second.url).toBe(first.url);
    expect(await clientOf(second).ping()).toBe('PONG');
  });

  it('takes further arguments: a cluster node, a Sentinel', async () => {
    const node = clientOf(await start({ args: ['--cluster-enabled', 'yes'] }));
    expect(await node.info('cluster')).toContain('cluster_enabled:1');
    const sentinel = clientOf(await start({ args: ['--sentinel'] }));
    expect(await sentinel.call('SENTINEL', 'MONITOR', 'main', '127.0.0.1', '1', '1')).toBe('OK');
  });

  it('serves with a password too', async () => {
    const redis = await start({ args: ['--requirepass', 'open sesame'] });
    expect(await clientOf({ url: redis.url.replace('//', '//:open%20sesame@') }).ping()).toBe('PONG');
  });
});

describe('a Redis that does not come up', () => {
  it('is not mistaken for another Redis that holds the port: the error names the port', async () => {
    const holder = await start();
    const port = Number(new URL(holder.url).port);
    await expect(start({ port })).rejects.toThrow(`port ${port} is taken by another program`);
    expect(await clientOf(holder).ping()).toBe('PONG');
  });

  it('is reported with what it printed', async () => {
    const failure = await start({ args: ['--no-such-setting', 'x'] }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RedisStartError);
    expect((failure as Error).message).toContain('no-such-setting');
  });
});

describe('REDIS_URL', () => {
  it('is used as it is: nothing is looked for or started, and stop leaves that server alone', async () => {
    const given = await start();
    const env = { REDIS_URL: given.url, PATH: '' };
    const progress: string[] = [];
    const redis = await startRedis({
      env,
      cacheDir: tempFolder(),
      onProgress: (text) => progress.push(text),
    });
    expect(redis).toMatchObject({ url: given.url, source: 'REDIS_URL' });
    expect(redis.pid).toBeUndefined();
    expect(progress).toEqual(['using the Redis that REDIS_URL names']);
    await redis.stop();
    expect(await clientOf(given).ping()).toBe('PONG');
  });

  it('may be set aside', async () => {
    const url = 'redis://127.0.0.1:1';
    const redis = await start({ env: { ...process.env, REDIS_URL: url } });
    expect(redis.url).not.toBe(url);
  });
});
