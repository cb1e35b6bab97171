import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { useStore, waitFor, type TestSocket } from '@parley/testkit';
import { TokenBucket } from '../src/limits/token-bucket.js';
import { answer, candidate, offer, rateLimited } from './support/messages.js';
import { layouts, useSignaling } from './support/signaling.js';

const store = useStore();

/** How often a sender was told that it sent too much. */
const timesTold = ({ messages }: TestSocket) =>
  messages.filter((each) => isDeepStrictEqual(each, rateLimited)).length;

describe.each(layouts)('limits, on $layout', ({ count }) => {
  describe('of a member', () => {
    const signaling = useSignaling(store, count, { RATE_LIMIT_MESSAGES_PER_10S: '30' });

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

    it('fill again evenly, and lose no fraction of a message however often they are asked', async () => {
      const room = signaling.room();
      const [host, page] = [await signaling.join(room), await signaling.join(room)];
      for (let n = 0; n < 30; n += 1) page.send(candidate(n));
      await waitFor(() => host.messages.length >= 30, 'what is allowed arrives');
      const [startedAt, before] = [performance.now(), host.messages.length];
      // One more every 333 ms.
      await waitFor(() => {
        page.send(candidate(0));
        return host.messages.length >= before + 3;
      }, 'three more arrive');
      const tookMs = performance.now() - startedAt;
      expect(tookMs).toBeGreaterThan(600);
      expect(tookMs).toBeLessThan(1_700);
    });
  });

  describe('of a room', () => {
    const signaling = useSignaling(store, count, { RATE_LIMIT_ROOM_MSGS_PER_10S: '50', ROOM_CAPACITY: '4' });

    it('are a strict upper bound over all instances', async () => {
      const room = signaling.room();
      const members = [];
      for (let i = 0; i < 4; i += 1) members.push(await signaling.join(room));
      const [listener, ...senders] = members;
      for (let n = 0; n < 60; n += 1) for (const sender of senders) sender.send(candidate(n));
      await waitFor(() => senders.every((sender) => timesTold(sender) > 0), 'all were told');
      await delay(500);
      expect(listener?.messages.length).toBeLessThanOrEqual(50);
      expect(listener?.messages.length).toBeGreaterThan(40);
      expect(senders.map(timesTold)).toEqual([1, 1, 1]);
    });
  });

  describe('of an address', () => {
    const signaling = useSignaling(store, count, { RATE_LIMIT_IP_MSGS_PER_10S: '50', TRUST_PROXY: '1' });
    const from = (ip: string) => ({ headers: { 'X-Forwarded-For': ip } });

    it('are a strict upper bound over all its members, rooms and instances, and leave others alone', async () => {
      const rooms = [signaling.room(), signaling.room(), signaling.room()];
      const pairs = await Promise.all(
        rooms.map(async (room, i) => {
          const listener = await signaling.join(room, from(`198.18.${count}.${i}`));
          return { listener, sender: await signaling.join(room, from(`198.18.${count}.100`)) };
        }),
      );
      // The second member of a room is on the last instance: those of the first are one to begin with, too.
      const first = await signaling.join(`${rooms[0]}-else`, from(`198.18.${count}.100`));
      const listener = await signaling.join(`${rooms[0]}-else`, from(`198.18.${count}.200`));
      const all = [...pairs, { listener, sender: first }];
      for (let n = 0; n < 60; n += 1) for (const { sender } of all) sender.send(candidate(n));
      await waitFor(() => all.every(({ sender }) => timesTold(sender) > 0), 'all were told');
      await delay(500);
      const arrived = all.reduce((sum, each) => sum + each.listener.messages.length, 0);
      expect(arrived).toBeLessThanOrEqual(50);
      expect(arrived).toBeGreaterThan(40);
      expect(all.map(({ sender }) => timesTold(sender))).toEqual([1, 1, 1, 1]);
      // Those who only listened may speak.
      for (const { listener: other, sender } of all) {
        other.send(answer);
        await waitFor(() => sender.messages.some((each) => isDeepStrictEqual(each, answer)), 'it is heard');
      }
    });
  });

  describe('of new connections', () => {
    const signaling = useSignaling(store, count, { RATE_LIMIT_CONN_PER_10S: '5', TRUST_PROXY: '1' });

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
    const signaling = useSignaling(store, count, defaults());

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
