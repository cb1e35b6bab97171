import { setTimeout as delay } from 'node:timers/promises';
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
    // The first draw's only token lives for 200 ms: it is over before it comes, and comes again if it went back.
    const limiter = new SharedLimiter(connection, { name: uniqueId('limit'), limit: 1, windowMs: 4_000 });
    proxy.latencyMs = LATENCY_MS;
    expect((await limiter.take('someone')).allowed).toBe(true);
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

  describe('and a draw of ten is answered late,', () => {
    /** An instance of a limit of 20 that used one, and some alone while the draw was under way; and another one. */
    async function lateDraw(alone: number) {
      const own = await startRedis({ ignoreUrl: true });
      const proxy = await startTcpProxy(own.url);
      const connection = await connect({ REDIS_URL: proxy.url, REDIS_COMMAND_TIMEOUT_MS: '1500' });
      const limiter = new SharedLimiter(connection, { name: uniqueId('limit'), limit: 20, windowMs: 60_000 });
      expect((await limiter.take('someone')).allowed).toBe(true);
      proxy.stall();
      const first = limiter.take('anyone');
      await delay(500);
      const late = limiter.take('someone', 10);
      await first;
      // Redis counts as away; the draw of these ten is still under way.
      for (let i = 0; i < alone; i++) expect((await limiter.take('someone')).allowed).toBe(true);
      proxy.resume();
      const other = new SharedLimiter(await connect({ REDIS_URL: own.url }), limiter.limit);
      const stop = () => Promise.all([proxy.stop(), own.stop()]);
      return { limiter, other, isLateAllowed: (await late).allowed, stop };
    }

    it('an instance lets no more happen than what it did not use alone meanwhile, and in the end all of it', async () => {
      const { limiter, other, isLateAllowed, stop } = await lateDraw(15);
      expect(isLateAllowed).toBe(false);
      let left = 4;
      const takeOne = async () => (await limiter.take('someone')).allowed && --left === 0;
      await waitFor(takeOne, 'what is left is allowed', 10_000);
      for (const each of [limiter, other]) expect((await each.take('someone')).allowed).toBe(false);
      await stop();
    });

    it('all instances together do not, either', async () => {
      const { other, isLateAllowed, stop } = await lateDraw(5);
      expect(isLateAllowed).toBe(true);
      let rest = 0;
      for (let i = 0; i < 20; i++) if ((await other.take('someone')).allowed) rest++;
      expect(rest).toBe(20 - 1 - 5 - 10);
      await stop();
    });
  });

  it('nobody waits for it but once, and what was used meanwhile counts once, however often it was told', async () => {
    const own = await startRedis({ ignoreUrl: true });
    const proxy = await startTcpProxy(own.url);
    const env = { REDIS_COMMAND_TIMEOUT_MS: '200', CB_ERROR_THRESHOLD: '1000' };
    const connection = await connect({ REDIS_URL: proxy.url, ...env });
    const limit = { name: uniqueId('limit'), limit: 100, windowMs: 60_000 };
    const limiter = new SharedLimiter(connection, limit);
    // From here on Redis knows the script: what is held up is executed.
    await limiter.take('anyone');
    proxy.stall();
    let [used, waited] = [0, 0];
    // Each of these draws is executed in the end, when nobody waits for it any more.
    for (let i = 0; i < 12; i++) {
      const verdict = limiter.take('someone');
      if (verdict instanceof Promise) waited++;
      if ((await verdict).allowed) used++;
      await delay(400);
    }
    expect([used, waited]).toEqual([12, 1]);
    proxy.resume();
    const isAsked = () => limiter.take('someone', 0) instanceof Promise;
    await waitFor(isAsked, 'Redis is back');
    const other = new SharedLimiter(await connect({ REDIS_URL: own.url }), limit);
    const rest = await Promise.all(Array.from({ length: 100 }, () => other.take('someone')));
    const allowed = rest.filter((verdict) => verdict.allowed).length;
    expect(allowed).toBeLessThanOrEqual(100 - used);
    // Beside them two draws of four tokens: the one that was waited for, and the last one here.
    expect(allowed).toBeGreaterThanOrEqual(100 - used - 8);
    await proxy.stop();
    await own.stop();
  });

  it('an instance holds the limit by itself, too, when Redis comes back empty', async () => {
    const connection = await connect({ REDIS_URL: redis.url });
    const name = uniqueId('limit');
    const limiter = new SharedLimiter(connection, { name, limit: 20, windowMs: 60_000 });
    for (let i = 0; i < 15; i++) expect((await limiter.take('someone')).allowed).toBe(true);
    await connection.command('forget', (client) => client.del(connection.keys.limit.grants(name, 'someone')));
    let allowed = 0;
    for (let i = 0; i < 30; i++) if ((await limiter.take('someone')).allowed) allowed++;
    expect(allowed).toBe(5);
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
