import { describe, expect, it } from 'vitest';
import { openSocket, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { answer, candidate, offer } from './support/messages.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';

const quick = { REDIS_COMMAND_TIMEOUT_MS: '300', CB_ERROR_THRESHOLD: '3', CB_OPEN_MS: '1000' };

/** Ways for Redis to be away, and to be back. */
const outages = [
  {
    outage: 'hangs',
    begin: (redis: ReturnType<typeof useRedis>) => redis.pause(),
    end: (redis: ReturnType<typeof useRedis>) => redis.resume(),
  },
  {
    outage: 'is gone, and comes back empty',
    begin: (redis: ReturnType<typeof useRedis>) => redis.stop(),
    end: (redis: ReturnType<typeof useRedis>) => redis.restart(),
  },
];

describe.each(outages)('while Redis $outage (S6)', ({ begin, end }) => {
  const redis = useRedis();
  const signaling = useSignaling(redis, 2, quick);
  const [first, second] = [() => signaling.instances[0], () => signaling.instances[1]];
  const probe = (path: string) =>
    fetch(`http://127.0.0.1:${first()?.port}${path}`).then((answered) => answered.status);

  it('lets members on one instance talk, refuses joins quickly, and is right again without reconnects', async () => {
    const [near, far] = [signaling.room(), signaling.room()];
    const a = await signaling.join(near);
    // The turn of a room's second member is on the other instance; a third room's members meet on one.
    const pair = { host: await openOn(first()?.url, far), page: await openOn(first()?.url, far) };
    const b = await signaling.join(near);
    a.send(offer);
    expect(await b.next()).toEqual(offer);

    await begin(redis);
    await waitFor(async () => (await probe('/readyz')) === 503, 'readiness goes red', 5_000);
    expect(await probe('/healthz')).toBe(200);
    for (let n = 0; n < 20; n += 1) pair.page.send(candidate(n));
    await waitFor(() => pair.host.messages.length === 20, 'local members keep talking', 2_000);
    // Sent to the other instance meanwhile: it waits.
    a.send(candidate(1));
    await waitFor(async () => {
      const refused = await openOn(first()?.url, signaling.room());
      const startedAt = performance.now();
      const close = await refused.waitClosed(5_000);
      expect(close).toEqual({ code: 1013, reason: 'Service unavailable' });
      const isQuick = performance.now() - startedAt < 200;
      return isQuick && (await first()?.metrics())?.includes('cloudgaming_circuit_breaker_open 1');
    }, 'joins are refused quickly, without asking Redis');

    await end(redis);
    await waitFor(async () => (await probe('/readyz')) === 200, 'readiness is green again', 10_000);
    expect(await b.next(10_000)).toEqual(candidate(1));
    b.send(answer);
    expect(await a.next(10_000)).toEqual(answer);
    pair.host.send(answer);
    expect(await pair.page.next()).toEqual(answer);
    await waitFor(
      async () => {
        const third = await openOn(second()?.url, near);
        return (await third.waitClosed(3_000)).reason === 'Room is full';
      },
      'the membership is known again',
      15_000,
    );
    expect([a, b, pair.host, pair.page].map(({ closed }) => closed)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([a, b].flatMap(({ messages }) => messages)).not.toContainEqual({ type: 'peer-disconnected' });
    await a.close();
    expect(await b.next(10_000)).toEqual({ type: 'peer-disconnected' });
  });
});

const openOn = (url: string | undefined, room: string) => openSocket(`${url}/?roomId=${room}`);

describe('while Redis is away at the start', () => {
  const redis = useRedis();

  it('an instance is alive and not ready, refuses, and serves as soon as Redis comes', async () => {
    await redis.stop();
    const instance = await startInstance({ ...generousLimits, ...quick, ...redis.env });
    const probe = (path: string) =>
      fetch(`http://127.0.0.1:${instance.port}${path}`).then(({ status }) => status);
    expect([await probe('/healthz'), await probe('/readyz')]).toEqual([200, 503]);
    const refused = await openOn(instance.url, uniqueId('room'));
    expect(await refused.waitClosed()).toEqual({ code: 1013, reason: 'Service unavailable' });
    await redis.restart();
    await waitFor(async () => (await probe('/readyz')) === 200, 'it is ready');
    const room = uniqueId('room');
    await waitFor(async () => {
      const [a, b] = [await openOn(instance.url, room), await openOn(instance.url, room)];
      a.send(offer);
      return b.next(1_000);
    }, 'members meet');
    await instance.service.stop();
  });
});
