import { startRedis, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { SharedLimiter } from '../src/index.js';
import { useConnections } from './support.js';

const redis = useRedis();
const connect = useConnections();

/** Each way; a token's own life is 100 ms in a window of a second. */
const LATENCY_MS = 300;

describe('while Redis is slow', () => {
  it.each([1, 3, 40])('a limit of %i holds over all instances, and all of it can be used', async (limit) => {
    const proxy = await startTcpProxy(redis.url);
    const name = uniqueId('limit');
    const limiters = await Promise.all(
      [1, 2, 3].map(async () => {
        const connection = await connect({ REDIS_URL: proxy.url });
        return new SharedLimiter(connection, { name, limit, windowMs: 20_000 });
      }),
    );
    proxy.latencyMs = LATENCY_MS;
    const takes = Array.from({ length: limit * 4 }, (_, i) => limiters[i % 3]?.take('someone'));
    const allowed = (await Promise.all(takes)).filter((verdict) => verdict?.allowed).length;
    expect(allowed).toBeLessThanOrEqual(limit);
    expect(allowed).toBeGreaterThanOrEqual(Math.ceil(limit * 0.85));
    await proxy.stop();
  });

  it('tokens live for long enough to be used, and are given back if they do not', async () => {
    const proxy = await startTcpProxy(redis.url);
    const connection = await connect({ REDIS_URL: proxy.url });
    const limiter = new SharedLimiter(connection, { name: uniqueId('limit'), limit: 4, windowMs: 1_000 });
    proxy.latencyMs = LATENCY_MS;
    for (let i = 0; i < 3; i++) expect((await limiter.take('someone')).allowed).toBe(true);
    await proxy.stop();
  });
});

describe('when Redis goes away and comes back', () => {
  it('an instance never lets more than the limit happen within a window, whoever granted it', async () => {
    const own = await startRedis({ ignoreUrl: true });
    const proxy = await startTcpProxy(own.url);
    const connection = await connect({ REDIS_URL: proxy.url, REDIS_COMMAND_TIMEOUT_MS: '200' });
    const limiter = new SharedLimiter(connection, { name: uniqueId('limit'), limit: 20, windowMs: 60_000 });
    const takeSome = async (count: number) => {
      let allowed = 0;
      for (let i = 0; i < count; i++) if ((await limiter.take('someone')).allowed) allowed++;
      return allowed;
    };
    expect(await takeSome(8)).toBe(8);
    proxy.stall();
    expect(await takeSome(6)).toBe(6);
    proxy.resume();
    await waitFor(() => connection.ping(), 'Redis answers again');
    const asked = async () => {
      await limiter.take(uniqueId('anyone'));
      return (await connection.command('count', (client) => client.dbsize())) > 1;
    };
    await waitFor(asked, 'Redis is asked again');
    const rest = await takeSome(30);
    expect(rest).toBeLessThanOrEqual(6);
    // The draw whose answer was lost may count as well.
    expect(rest).toBeGreaterThanOrEqual(5);
    // And the others know of it.
    const other = new SharedLimiter(await connect({ REDIS_URL: own.url }), limiter.limit);
    expect((await other.take('someone')).allowed).toBe(false);
    await proxy.stop();
    await own.stop();
  });

  it('an instance that may not ask holds the limit alone, too', async () => {
    const connection = await connect({ REDIS_URL: redis.url });
    const name = uniqueId('limit');
    const limiter = new SharedLimiter(connection, { name, limit: 3, windowMs: 60_000 });
    const key = connection.keys.limit.grants(name, 'someone');
    await connection.command('break', (client) => client.set(key, 'no hash'));
    let allowed = 0;
    for (let i = 0; i < 9; i++) if ((await limiter.take('someone')).allowed) allowed++;
    expect(allowed).toBe(3);
  });

  it('an instance without it counts what it was granted before', async () => {
    const own = await startRedis({ ignoreUrl: true });
    const connection = await connect({ REDIS_URL: own.url });
    const limiter = new SharedLimiter(connection, { name: 'before', limit: 20, windowMs: 60_000 });
    for (let i = 0; i < 15; i++) expect((await limiter.take('someone')).allowed).toBe(true);
    await own.stop();
    let allowed = 0;
    for (let i = 0; i < 30; i++) if ((await limiter.take('someone')).allowed) allowed++;
    expect(allowed).toBe(5);
  });
});
