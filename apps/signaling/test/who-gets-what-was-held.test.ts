import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor, openSocket } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { joinAt, useProcesses } from './support/processes.js';
import { heldIn, inside, membersIn } from './support/redis.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';

const redis = useRedis();
const offerOf = (sdp: string) => ({ type: 'offer', sdp });

describe('what was said while nobody else was there (S2)', () => {
  const here = useSignaling(redis, 1, { REDIS_COMMAND_TIMEOUT_MS: '500' });
  const url = (room: string) => `${here.instances[0]?.url}/?roomId=${room}`;

  it('waits on when the answer to a join is lost', async () => {
    const room = here.room();
    const page = await here.join(room);
    page.send(offer);
    await waitFor(async () => (await heldIn(redis.env, room)) === 1, 'it is held');
    redis.pause();
    const unlucky = await openSocket(url(room));
    expect((await unlucky.waitClosed()).code).toBe(1013);
    redis.resume();
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'it has left again');
    const host = await waitFor(async () => {
      const socket = await openSocket(url(room));
      await Promise.race([socket.next().catch(() => undefined), socket.waitClosed()]);
      return socket.closed ? undefined : socket;
    }, 'Redis is trusted again');
    expect(host.messages).toEqual([offer]);
    page.send(candidate(1));
    await waitFor(() => host.messages.length === 2, 'it goes on');
    await waitFor(async () => (await heldIn(redis.env, room)) === 0, 'nobody else is to get it');
  });

  it('is held once, however often it was told again', async () => {
    const room = here.room();
    const page = await here.join(room);
    page.send(offer);
    await waitFor(async () => (await heldIn(redis.env, room)) === 1, 'it is held');
    redis.pause();
    for (let n = 0; n < 20; n += 1) page.send(candidate(n));
    // Told, and told again: Redis carries out both when it goes on.
    await waitFor(
      async () => (await here.instances[0]?.metrics())?.includes('circuit_breaker_open 1'),
      'it hangs',
    );
    redis.resume();
    await waitFor(async () => (await heldIn(redis.env, room)) === 21, 'all are held');
    page.send(candidate(20));
    await waitFor(async () => (await heldIn(redis.env, room)) >= 22, 'and what came later');
    expect(await heldIn(redis.env, room)).toBe(22);
  });
});

it('is not lost with who went during its join', async () => {
  const proxy = await startTcpProxy(redis.url);
  const far = await startInstance({ ...generousLimits, REDIS_URL: proxy.url });
  const room = uniqueId('room');
  try {
    const page = await openSocket(`${far.url}/?roomId=${room}`);
    page.send(offer);
    await waitFor(async () => (await heldIn(redis.env, room)) === 1, 'it is held');
    proxy.latencyMs = 100;
    const passer = await openSocket(`${far.url}/?roomId=${room}`);
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'its join is carried out');
    passer.socket.terminate();
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'it has left');
    proxy.latencyMs = 0;
    const host = await openSocket(`${far.url}/?roomId=${room}`);
    expect(await host.next()).toEqual(offer);
  } finally {
    await far.service.stop();
    await proxy.stop();
  }
});

describe('beside a ghost', () => {
  const processes = useProcesses(redis);

  it('reaches whoever waits for its place at a third instance, all of it and in order', async () => {
    const [one, victim, third] = [await processes.start(), await processes.start(), await processes.start()];
    const room = uniqueId('room');
    const page = await joinAt(one, room);
    await joinAt(victim, room);
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'both are in');
    await victim.stop('SIGKILL');
    page.send(offerOf('0'));
    const newcomer = await joinAt(third, room);
    let sent = 1;
    await waitFor(
      () => {
        if (page.messages.length === 0) page.send(offerOf(String(sent++)));
        return page.messages.length > 0 && newcomer.messages.length > 0;
      },
      'the ghost is gone',
      15_000,
    );
    await waitFor(() => newcomer.messages.length === sent, 'all have come');
    expect(newcomer.messages).toEqual(Array.from({ length: sent }, (_, n) => offerOf(String(n))));
  });

  it('nothing waits for a third one that the second one heard: only the sender’s instance did not listen', async () => {
    const one = await processes.start();
    const subscribers = () =>
      inside(redis.env, async ({ nodes }) => {
        const list = String(await nodes[0]?.call('CLIENT', 'LIST', 'TYPE', 'pubsub'));
        return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => id ?? '');
      });
    const [ofOne = ''] = await subscribers();
    const two = await processes.start();
    const room = uniqueId('room');
    const [page, host] = [await joinAt(one, room), await joinAt(two, room)];
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'both are in');
    page.send(offerOf('first'));
    expect(await host.next()).toEqual(offerOf('first'));
    await inside(redis.env, ({ nodes }) =>
      Promise.all(nodes.map((node) => node.call('CLIENT', 'KILL', 'ID', ofOne))),
    );
    page.send(offerOf('old'));
    expect(await host.next()).toEqual(offerOf('old'));
    await host.close();
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'it has left');
    page.send(offerOf('new'));
    const next = await joinAt(two, room);
    expect(await next.next()).toEqual(offerOf('new'));
  });
});
