import { describe, expect, it } from 'vitest';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { candidate, rateLimited } from './support/messages.js';
import { metric } from './support/metrics.js';
import { probe } from './support/processes.js';
import { membersIn } from './support/redis.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';

const redis = useRedis();
const signaling = useSignaling(redis, 1, {
  RATE_LIMIT_IP_MSGS_PER_10S: '10',
  RATE_LIMIT_ROOM_MSGS_PER_10S: '25',
  ROOM_CAPACITY: '3',
  TRUST_PROXY: '1',
});

/** A burst of 200 is half of the one, and a quarter of the other; batches are of 16 and of 32. */
const ofBurst = {
  RATE_LIMIT_IP_MSGS_PER_10S: '400',
  RATE_LIMIT_ROOM_MSGS_PER_10S: '800',
  TRUST_PROXY: '1',
};

const from = (ip: string) => ({ headers: { 'X-Forwarded-For': ip } });

it('what an address is refused costs its room nothing: others in it may say as much as before', async () => {
  const room = signaling.room();
  const listener = await signaling.join(room, from('203.0.113.201'));
  const loud = await signaling.join(room, from('203.0.113.202'));
  const quiet = await signaling.join(room, from('203.0.113.203'));
  for (let n = 0; n < 200; n += 1) loud.send(candidate(n));
  await waitFor(() => listener.messages.length === 10, 'what is allowed arrives');
  // Its frames are read in order: the last of them was refused before the close is answered.
  await loud.close();
  for (let n = 0; n < 10; n += 1) quiet.send(candidate(n));
  await waitFor(() => listener.messages.length === 21, 'all of the others arrives');
  expect(loud.messages).toContainEqual(rateLimited);
  expect(quiet.messages).not.toContainEqual(rateLimited);
});

describe('a burst while Redis is slow', () => {
  it('waits for a few draws, not for one of every batch', async () => {
    const proxy = await startTcpProxy(redis.url);
    const instance = await startInstance({ ...generousLimits, ...ofBurst, REDIS_URL: proxy.url });
    const room = uniqueId('room');
    const open = () => openSocket(`${instance.url}/?roomId=${room}`, from('203.0.113.204'));
    const [listener, sender] = [await open(), await open()];
    await waitFor(async () => (await membersIn(redis.env, room)) === 2, 'both are in');
    expect((await probe(instance, '/readyz')).status).toBe(200);
    proxy.latencyMs = 100;
    for (let n = 0; n < 200; n += 1) sender.send(candidate(n));
    await waitFor(() => listener.messages.length === 200, 'all arrives', 10_000);
    const ofDraws = 'redis_operation_duration_seconds_count{operation="limit-draw",outcome="answered"}';
    const draws = metric(await instance.metrics(), ofDraws);
    // Those of two joins, and of an address and a room, which have 20 batches together.
    expect(draws).toBeGreaterThan(0);
    expect(draws).toBeLessThanOrEqual(12);
    await instance.service.stop();
    await proxy.stop();
  });
});
