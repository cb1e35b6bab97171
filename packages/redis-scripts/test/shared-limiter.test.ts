import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { startRedis, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { SharedLimiter, type ConnectionEvents, type Limit } from '../src/index.js';
import { useConnections } from './support.js';

const redis = useRedis();
const connect = useConnections();

/** Limiters of several instances that share one limit. */
async function instances(count: number, limit: Omit<Limit, 'name'>, events: ConnectionEvents = {}) {
  const name = uniqueId('limit');
  const connections = Array.from({ length: count }, () => connect({ REDIS_URL: redis.url }, events));
  return (await Promise.all(connections)).map((each) => new SharedLimiter(each, { name, ...limit }));
}

/** The most events in any window. */
function mostInWindow(times: readonly number[], windowMs: number): number {
  let most = 0;
  let start = 0;
  times.forEach((time, end) => {
    while ((times[start] ?? 0) <= time - windowMs) start++;
    most = Math.max(most, end - start + 1);
  });
  return most;
}

describe('a limit', () => {
  it.each([3, 20, 400])(
    'of %i lets exactly so many of a burst through, over three instances',
    async (limit) => {
      const limiters = await instances(3, { limit, windowMs: 10_000 });
      const takes = Array.from({ length: limit * 3 }, (_, i) => limiters[i % 3]?.take('someone'));
      const allowed = (await Promise.all(takes)).filter((verdict) => verdict?.allowed);
      expect(allowed.length).toBeLessThanOrEqual(limit);
      // What one instance holds in hand may be refused by another.
      expect(allowed.length).toBeGreaterThanOrEqual(Math.ceil(limit * 0.85));
    },
  );

  it('of one instance alone lets exactly so many through, one after another', async () => {
    const [limiter] = await instances(1, { limit: 40, windowMs: 10_000 });
    let allowed = 0;
    for (let i = 0; i < 100; i++) if ((await limiter?.take('someone'))?.allowed) allowed++;
    expect(allowed).toBe(40);
  });

  it('holds in every window of a steady flood, and lets most of it happen', async () => {
    const [limit, windowMs, windows] = [50, 500, 5];
    const limiters = await instances(2, { limit, windowMs });
    const times: number[] = [];
    const startedAt = performance.now();
    for (let i = 0; performance.now() - startedAt < windows * windowMs; i++) {
      const verdict = await limiters[i % 2]?.take('someone');
      if (verdict?.allowed) times.push(performance.now());
      if (i % 10 === 0) await nextTurn();
    }
    expect(mostInWindow(times, windowMs)).toBeLessThanOrEqual(limit);
    // A token of so short a window counts for a quarter longer than the window.
    expect(times.length).toBeGreaterThan(limit * windows * 0.6);
  });

  it('holds, too, while tokens of a quiet time are used together with all others that there are', async () => {
    const [limit, windowMs] = [100, 400];
    const limiters = await instances(3, { limit, windowMs, quietMs: 1_500 });
    for (const limiter of limiters) await limiter.take('someone');
    // Longer than the tokens would count without being quiet, and not as long as they live.
    await delay(700);
    const times: number[] = [];
    for (const limiter of limiters.toReversed()) {
      while ((await limiter.take('someone')).allowed) times.push(performance.now());
    }
    expect(mostInWindow(times, windowMs)).toBeLessThanOrEqual(limit);
    expect(times.length).toBeGreaterThan(limit * 0.9);
  });

  it('counts each key for itself, whatever it is called', async () => {
    const [limiter] = await instances(1, { limit: 1, windowMs: 10_000 });
    for (const key of ['a', 'b', '{c}', '2001:db8::/64', '']) {
      expect((await limiter?.take(key))?.allowed).toBe(true);
      expect((await limiter?.take(key))?.allowed).toBe(false);
    }
  });

  it('takes several at once, or none of them', async () => {
    const [limiter] = await instances(1, { limit: 10, windowMs: 10_000 });
    const verdicts = [];
    for (const n of [6, 6, 4, 1, 11]) verdicts.push((await limiter?.take('someone', n))?.allowed);
    expect(verdicts).toEqual([true, false, true, false, false]);
  });

  it('says how much is left, and when there is more', async () => {
    const [limiter] = await instances(1, { limit: 2, windowMs: 400 });
    expect(await limiter?.take('someone')).toMatchObject({ allowed: true, remaining: 1 });
    expect(await limiter?.take('someone')).toMatchObject({ allowed: true, remaining: 0 });
    const refused = await limiter?.take('someone');
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(refused?.resetMs).toBeGreaterThan(100);
    expect(refused?.resetMs).toBeLessThanOrEqual(600);
    const again = async () => (await limiter?.take('someone'))?.allowed;
    await waitFor(again, 'more is allowed', 1_000);
  });
});

describe('the cost of a limit', () => {
  it('is a round trip for many events, not for each: allowed or refused', async () => {
    let commands = 0;
    const [limiter] = await instances(1, { limit: 1_000, windowMs: 10_000 }, { onCommand: () => commands++ });
    for (let i = 0; i < 5_000; i++) await limiter?.take('someone');
    expect(commands).toBeLessThan(60);
  });

  it('of few events is a round trip for many of them, too, where tokens of a quiet key live longer', async () => {
    let commands = 0;
    const limit = { limit: 400, windowMs: 500, quietMs: 60_000 };
    const [limiter] = await instances(1, limit, { onCommand: () => commands++ });
    for (let i = 0; i < 16; i++) {
      expect((await limiter?.take('someone'))?.allowed).toBe(true);
      await delay(30);
    }
    // Each of the draws would have ended after 100 ms.
    expect(commands).toBe(1);
  });

  it('gives back what one instance drew and did not use, to any other', async () => {
    const [one, two] = await instances(2, { limit: 100, windowMs: 2_000 });
    // Each draw of `one` takes four tokens; after their life the rest of them returns with the next draw.
    for (let i = 0; i < 5; i++) {
      await one?.take('someone');
      await waitFor(() => one && !isInHand(one), 'the tokens of the draw are over', 1_000);
    }
    let allowed = 0;
    for (let i = 0; i < 100; i++) if ((await two?.take('someone'))?.allowed) allowed++;
    // Five were used, and `one` still holds the four of its last draw; the rest of the others is back.
    expect(allowed).toBe(91);
  });
});

/** Whether a token is in hand; takes none. */
function isInHand(limiter: SharedLimiter): boolean {
  return !(limiter.take('someone', 0) instanceof Promise);
}

describe('without Redis', () => {
  it.each(['SIGSTOP', 'SIGKILL'] as const)(
    '(%s) each instance holds the limit alone, after one command timeout',
    async (signal) => {
      const own = await startRedis({ ignoreUrl: true });
      const connection = await connect({ REDIS_URL: own.url, REDIS_COMMAND_TIMEOUT_MS: '300' });
      const limiter = new SharedLimiter(connection, { name: 'away', limit: 10, windowMs: 10_000 });
      process.kill(own.pid ?? 0, signal);
      const startedAt = performance.now();
      let allowed = 0;
      for (let i = 0; i < 30; i++) if ((await limiter.take('someone')).allowed) allowed++;
      expect(allowed).toBe(10);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      if (signal === 'SIGSTOP') {
        process.kill(own.pid ?? 0, 'SIGCONT');
        const asks = async () => {
          await limiter.take(uniqueId('anyone'));
          const keys = await connection.command('count', (client) => client.dbsize());
          return keys > 0;
        };
        await waitFor(asks, 'Redis is asked again', 5_000);
      }
      await own.stop();
    },
  );
});
