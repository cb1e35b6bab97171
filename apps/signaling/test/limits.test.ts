import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { TokenBucket } from '../src/limits/token-bucket.js';
import { answer, candidate, offer, rateLimited } from './support/messages.js';
import { layouts, useSignaling } from './support/signaling.js';

const redis = useRedis();

describe.each(layouts)('limits, on $layout', ({ count }) => {
  describe('of a member', () => {
    const signaling = useSignaling(redis, count, { RATE_LIMIT_MESSAGES_PER_10S: '30' });

    it('drop what is too much, tell the sender once, and leave others alone', async () => {
      const room = signaling.room();
      const [host, page] = [await signaling.join(room), await signaling.join(room)];
      for (let n = 0; n < 200; n += 1) page.send(candidate(n));
      await waitFor(() => host.messages.length >= 30, 'what is allowed arrives');
      host.send(answer);
      await waitFor(() => page.messages.length === 2, 'the answer arrives');
      expect(page.messages).toEqual([rateLimited, answer]);
      // As many again in 10 s: a few were added while the burst was read.
      expect(host.messages.length).toBeLessThan(40);
      expect(host.messages.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, n) => candidate(n)));
    });
  });

  describe('of a room', () => {
    const signaling = useSignaling(redis, count, { RATE_LIMIT_ROOM_MSGS_PER_10S: '50', ROOM_CAPACITY: '4' });

    it('are a strict upper bound over all instances', async () => {
      const room = signaling.room();
      const members = [];
      for (let i = 0; i < 4; i += 1) members.push(await signaling.join(room));
      const [listener, ...senders] = members;
      for (let n = 0; n < 60; n += 1) for (const sender of senders) sender.send(candidate(n));
      await waitFor(
        () =>
          senders.every(({ messages }) =>
            messages.some((m) => JSON.stringify(m) === JSON.stringify(rateLimited)),
          ),
        'all were told',
      );
      await delay(500);
      expect(listener?.messages.length).toBeLessThanOrEqual(50);
      expect(listener?.messages.length).toBeGreaterThan(40);
    });
  });

  describe('of new connections', () => {
    const signaling = useSignaling(redis, count, { RATE_LIMIT_CONN_PER_10S: '5', TRUST_PROXY: '1' });

    it('are a strict upper bound for each address, over all instances', async () => {
      const from = (ip: string) => ({ headers: { 'X-Forwarded-For': ip } });
      const sockets = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          signaling.join(`${signaling.room()}${i}`, from(`203.0.113.${count}`)),
        ),
      );
      await waitFor(() => sockets.filter(({ closed }) => closed).length >= 7, 'seven are refused');
      const refused = sockets.flatMap(({ closed }) => closed ?? []);
      expect(refused).toEqual(refused.map(() => ({ code: 1013, reason: 'Rate limited' })));
      expect(refused).toHaveLength(7);
      const other = await signaling.join(signaling.room(), from(`198.51.100.${count}`));
      await delay(100);
      expect(other.closed).toBeUndefined();
    });
  });

  describe('by default', () => {
    const signaling = useSignaling(redis, count, defaults());

    it('let a real WebRTC burst through: an offer, an answer, 100 candidates each way', async () => {
      const room = signaling.room();
      // Both from one address, which the other tests do not use.
      const from = { headers: { 'X-Forwarded-For': `192.0.2.${count}` } };
      const [host, page] = [await signaling.join(room, from), await signaling.join(room, from)];
      page.send(offer);
      host.send(answer);
      for (let n = 0; n < 100; n += 1) {
        page.send(candidate(n));
        host.send(candidate(n));
      }
      await waitFor(() => host.messages.length === 101 && page.messages.length === 101, 'all arrive');
    });
  });
});

describe('a token bucket', () => {
  it('loses no fraction of a token', async () => {
    const bucket = new TokenBucket(10, 1_000);
    for (let i = 0; i < 10; i += 1) expect(bucket.take()).toBe(true);
    const startedAt = performance.now();
    let taken = 0;
    // Asked far more often than a token is added: each answer would round a fraction away.
    while (performance.now() - startedAt < 550) if (bucket.take()) taken += 1;
    expect(taken).toBe(5);
  });
});

function defaults(): Record<string, string> {
  return {
    RATE_LIMIT_CONN_PER_10S: '20',
    RATE_LIMIT_MESSAGES_PER_10S: '200',
    RATE_LIMIT_IP_MSGS_PER_10S: '400',
    RATE_LIMIT_ROOM_MSGS_PER_10S: '800',
    TRUST_PROXY: '1',
  };
}
