import { describe, expect, it } from 'vitest';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { candidate } from './support/messages.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';

const MESSAGES = 2_000;
const redis = useRedis();
const talking = useSignaling(redis, 2);

describe('an instance without a member in a room', () => {
  it('hears nothing of what is said there, also when it had one before (S7)', async () => {
    const proxy = await startTcpProxy(redis.url);
    const quiet = await startInstance({ ...generousLimits, REDIS_URL: proxy.url });
    const room = uniqueId('room');
    const visitor = await openSocket(`${quiet.url}/?roomId=${room}`);
    const first = await talking.join(room);
    visitor.send(candidate(0));
    expect(await first.next()).toEqual(candidate(0));
    await visitor.close();
    await first.next();
    const second = await talking.join(room);
    second.send(candidate(1));
    expect(await first.next()).toEqual(candidate(1));
    await waitFor(async () => (await quiet.metrics()).includes('local_rooms 0'), 'it has nobody any more');

    const [passedBytes, startedAt] = [proxy.passedBytes, performance.now()];
    let saidBytes = 0;
    for (let n = 0; n < MESSAGES; n += 1) {
      const message = JSON.stringify({ type: 'offer', sdp: `${n} ${'x'.repeat(500)}` });
      saidBytes += message.length;
      first.send(message);
      // No more than may be on its way at once.
      if (n % 200 === 0) await waitFor(() => second.messages.length === n + 1, 'it arrives');
    }
    await waitFor(() => second.messages.length === MESSAGES, 'all of it arrives where it is meant to');
    // Its own signs of life remain: well below 1 KB each, one every 2 s.
    const beats = 2 + (performance.now() - startedAt) / 2_000;
    expect(proxy.passedBytes - passedBytes).toBeLessThan(beats * 1_024);
    expect(saidBytes).toBeGreaterThan(1_000_000);
    await quiet.service.stop();
    await proxy.stop();
  });
});
