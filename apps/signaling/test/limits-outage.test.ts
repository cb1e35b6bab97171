import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { metric } from './support/metrics.js';
import { candidate, offer, peerDisconnected } from './support/messages.js';
import { probe } from './support/processes.js';
import { inside, membersIn } from './support/redis.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';

const redis = useRedis();

describe('a limit that cannot be drawn from', () => {
  const signaling = useSignaling(redis, 2);

  it('for a reason that is no outage costs nobody the connection, and leaves no ghost', async () => {
    const room = signaling.room();
    // What no service writes: to draw fails on it, with a join as later.
    await inside(redis.env, ({ client, keys }) => client.set(keys.room.grants(room), 'spoilt'));
    const [stays, goes] = [await signaling.join(room), await signaling.join(room)];
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'both are in');
    goes.send(offer);
    expect(await stays.next()).toEqual(offer);
    goes.send(candidate(0));
    await goes.close();
    await waitFor(() => stays.messages.length === 3, 'what it said last arrives, and then that it went');
    expect(stays.messages).toEqual([offer, candidate(0), peerDisconnected]);
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'its place is free');
    const next = await signaling.join(room);
    next.send(offer);
    await waitFor(() => stays.messages.length === 4, 'the next one is heard');
    expect(stays.closed).toBeUndefined();
  });

  it('since Redis hangs leaves no ghost of who goes meanwhile, and holds up nobody else for long', async () => {
    const proxy = await startTcpProxy(redis.url);
    const instance = await startInstance({
      ...generousLimits,
      REDIS_URL: proxy.url,
      REDIS_COMMAND_TIMEOUT_MS: '500',
      CB_ERROR_THRESHOLD: '1000',
    });
    const room = uniqueId('room');
    const open = () => openSocket(`${instance.url}/?roomId=${room}`);
    const [stays, goes] = [await open(), await open()];
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'both are in');
    // Redis answers in order: whoever got this knows that they are in, too.
    expect((await probe(instance, '/readyz')).status).toBe(200);
    proxy.stall();
    // Nothing was drawn yet: each waits for Redis, and then for nobody.
    goes.send(offer);
    await goes.close();
    stays.send(candidate(0));
    await waitFor(
      () => stays.messages.length === 2,
      'what it said last arrives, and then that it went',
      2_000,
    );
    expect(stays.messages).toEqual([offer, peerDisconnected]);
    proxy.resume();
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'Redis knows');
    const next = await open();
    expect(await next.next()).toEqual(candidate(0));
    await waitFor(async () => metric(await instance.metrics(), 'active_connections') === 2, 'two are left');
    await instance.service.stop();
    await proxy.stop();
  });

  it('since Redis hung for long lets everything through again once it is back', async () => {
    const proxy = await startTcpProxy(redis.url);
    const instance = await startInstance({
      ...generousLimits,
      RATE_LIMIT_IP_MSGS_PER_10S: '100',
      RATE_LIMIT_ROOM_MSGS_PER_10S: '100',
      TRUST_PROXY: '1',
      REDIS_URL: proxy.url,
      REDIS_COMMAND_TIMEOUT_MS: '300',
      CB_ERROR_THRESHOLD: '1000',
    });
    const room = uniqueId('room');
    // What other tests do here is counted for another address.
    const open = () =>
      openSocket(`${instance.url}/?roomId=${room}`, { headers: { 'X-Forwarded-For': '203.0.113.210' } });
    const [stays, says] = [await open(), await open()];
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'both are in');
    let sent = 0;
    const say = async () => {
      says.send(candidate(sent++));
      await waitFor(() => stays.messages.length === sent, 'it is heard', 3_000);
    };
    await say();
    proxy.stall();
    const until = performance.now() + 5_000;
    for (let i = 0; i < 50 && performance.now() < until; i += 1) {
      await say();
      await delay(100);
    }
    proxy.resume();
    await waitFor(async () => (await probe(instance, '/readyz')).status === 200, 'Redis is back');
    // Long enough for Redis to be told, and asked again.
    const soon = performance.now() + 1_500;
    for (let i = 0; i < 25 && performance.now() < soon; i += 1) {
      await say();
      await delay(60);
    }
    expect(stays.messages).toHaveLength(sent);
    expect(says.messages).toEqual([]);
    await instance.service.stop();
    await proxy.stop();
  });
});
