import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { candidate, peerDisconnected } from './support/messages.js';
import { heldIn, useMembership } from './support/redis.js';
import { generousLimits, startInstance } from './support/signaling.js';

const redis = useRedis();
const quick = { ...generousLimits, REDIS_COMMAND_TIMEOUT_MS: '300', CB_ERROR_THRESHOLD: '50' };

describe('a network to Redis that breaks connections', () => {
  it.each(['reset', 'stall', 'cut'] as const)(
    'loses, repeats and reorders nothing (S3): %s',
    async (trouble) => {
      const proxies = [await startTcpProxy(redis.url), await startTcpProxy(redis.url)] as const;
      const instances = await Promise.all(
        proxies.map(({ url }) => startInstance({ ...quick, REDIS_URL: url })),
      );
      const room = uniqueId('room');
      const [a, b] = await Promise.all(instances.map(({ url }) => openSocket(`${url}/?roomId=${room}`)));
      if (!a || !b) throw new Error('nobody joined');
      a.send(candidate(0));
      await waitFor(() => b.messages.length === 1, 'they are together');

      let sent = 1;
      for (let round = 0; round < 6; round += 1) {
        const proxy = proxies[round % 2];
        for (let n = 0; n < 20; n += 1) a.send(candidate(sent++));
        if (trouble === 'reset') proxy?.reset();
        if (trouble === 'stall') proxy?.stall();
        if (trouble === 'cut') await proxy?.cut();
        for (let n = 0; n < 20; n += 1) a.send(candidate(sent++));
        await delay(trouble === 'reset' ? 100 : 400);
        if (trouble === 'stall') proxy?.resume();
        if (trouble === 'cut') await proxy?.restore();
        for (let n = 0; n < 20; n += 1) a.send(candidate(sent++));
        await delay(50);
      }
      await waitFor(() => b.messages.length >= sent, 'everything arrives in the end', 20_000);
      expect(b.messages).toEqual(Array.from({ length: sent }, (_, n) => candidate(n)));
      expect([a.closed, b.closed]).toEqual([undefined, undefined]);
      expect(a.messages).toEqual([]);
      await Promise.all(instances.map(({ service }) => service.stop()));
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    },
  );
});

const instancesOf = useMembership(redis);

describe('an instance that is cut off for so long that it counts as dead', () => {
  it('says nothing twice when it is back: not what Redis had taken without its knowing (S3)', async () => {
    const proxy = await startTcpProxy(redis.url);
    const stays = await startInstance({ ...quick, REDIS_URL: redis.url });
    const cutOff = await startInstance({ ...quick, REDIS_URL: proxy.url });
    const room = uniqueId('room');
    const hears = await openSocket(`${stays.url}/?roomId=${room}`);
    const says = await openSocket(`${cutOff.url}/?roomId=${room}`);
    says.send(candidate(0));
    await waitFor(() => hears.messages.length === 1, 'they are together');

    proxy.stallAnswers();
    says.send(candidate(1));
    await waitFor(() => hears.messages.length === 2, 'Redis has taken it');
    proxy.stall();
    await waitFor(() => hears.messages.length === 3, 'it is taken for dead', 12_000);
    proxy.resume();
    says.send(candidate(2));
    await waitFor(() => hears.messages.length > 3, 'it is back', 10_000);

    expect(hears.messages).toEqual([candidate(0), candidate(1), peerDisconnected, candidate(2)]);
    await Promise.all([stays, cutOff].map(({ service }) => service.stop()));
    await proxy.stop();
  });

  it('gets what was said meanwhile, in order, though the answer that brought it was lost (S2)', async () => {
    const proxy = await startTcpProxy(redis.url);
    const stays = await startInstance({ ...quick, REDIS_URL: redis.url });
    const cutOff = await startInstance({ ...quick, REDIS_URL: proxy.url });
    const room = uniqueId('room');
    const says = await openSocket(`${stays.url}/?roomId=${room}`);
    const hears = await openSocket(`${cutOff.url}/?roomId=${room}`);
    says.send(candidate(0));
    await waitFor(() => hears.messages.length === 1, 'they are together');

    proxy.stall();
    await waitFor(() => says.messages.length === 1, 'it is taken for dead', 12_000);
    for (const n of [1, 2, 3]) says.send(candidate(n));
    await waitFor(async () => (await heldIn(redis.env, room)) === 3, 'they are held');
    // Slow enough that the answer is still on its way when it is seen that Redis has carried out what it answers.
    proxy.latencyMs = 120;
    proxy.resume();
    await waitFor(async () => (await instancesOf(room)).length === 2, 'Redis has it back', 10_000, 1);
    proxy.stallAnswers();
    for (const n of [4, 5]) says.send(candidate(n));
    await delay(500);
    proxy.latencyMs = 0;
    proxy.resume();

    await waitFor(() => hears.messages.length === 6, 'all is there', 15_000);
    expect(hears.messages).toEqual([0, 1, 2, 3, 4, 5].map(candidate));
    await Promise.all([stays, cutOff].map(({ service }) => service.stop()));
    await proxy.stop();
  });
});
