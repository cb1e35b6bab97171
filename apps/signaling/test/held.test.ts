import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { useStore, waitFor } from '@parley/testkit';
import { metric } from './support/metrics.js';
import { answer, candidate, schemaError } from './support/messages.js';
import { inside } from './support/redis.js';
import { layouts, useSignaling, type TestSignaling } from './support/signaling.js';

const store = useStore();

const candidates = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => candidate(from + i));

/** Messages that were dropped since there was no room to hold them, on all instances. */
async function dropped({ instances }: TestSignaling): Promise<number> {
  const expositions = await Promise.all(instances.map((instance) => instance.metrics()));
  return expositions.reduce((sum, each) => sum + metric(each, 'messages_unsent_total{why="held-full"}'), 0);
}

const heldIn = (room: string) => inside(store.env, ({ client, keys }) => client.llen(keys.room.held(room)));

describe.each(layouts)('what is held for the next one to join, on $layout', ({ count }) => {
  describe('is bounded in count', () => {
    const signaling = useSignaling(store, count, { HELD_MAX_MESSAGES: '5' });

    it('the first ones stay, the others are counted, and what is sent later arrives', async () => {
      const room = signaling.room();
      const before = await dropped(signaling);
      const page = await signaling.join(room);
      for (let n = 0; n < 8; n += 1) page.send(candidate(n));
      await waitFor(async () => (await dropped(signaling)) === before + 3, 'three are dropped');
      expect(await heldIn(room)).toBe(5);
      // In a turn of its own, and no more welcome.
      page.send(candidate(8));
      await waitFor(async () => (await dropped(signaling)) === before + 4, 'so is a late one');
      const host = await signaling.join(room);
      await waitFor(() => host.messages.length === 5, 'what was held arrives');
      page.send(candidate(9));
      await waitFor(() => host.messages.length > 5, 'what comes later arrives');
      expect(host.messages).toEqual([...candidates(0, 5), candidate(9)]);
      expect(await heldIn(room)).toBe(0);
      // It told nobody that something was dropped, and the connection stays.
      expect([page.messages, page.closed]).toEqual([[], undefined]);
    });

    it('goes to the next one and to nobody after it', async () => {
      const room = signaling.room();
      const page = await signaling.join(room);
      page.send(candidate(0));
      const host = await signaling.join(room);
      expect(await host.next()).toEqual(candidate(0));
      await host.close();
      await page.next();
      page.send(candidate(1));
      const next = await signaling.join(room);
      expect(await next.next()).toEqual(candidate(1));
      next.send(answer);
      expect(await page.next()).toEqual(answer);
      expect(next.messages).toEqual([candidate(1)]);
    });

    it('is gone when its sender leaves', async () => {
      const room = signaling.room();
      const page = await signaling.join(room);
      for (let n = 0; n < 4; n += 1) page.send(candidate(n));
      await waitFor(async () => (await heldIn(room)) === 4, 'they are held');
      await page.close();
      await waitFor(async () => (await heldIn(room)) === 0, 'nothing is held');
      const [host, other] = [await signaling.join(room), await signaling.join(room)];
      other.send(answer);
      expect(await host.next()).toEqual(answer);
      expect([host.messages, other.messages]).toEqual([[answer], []]);
    });
  });

  describe('is bounded in bytes', () => {
    const signaling = useSignaling(store, count, { HELD_MAX_BYTES: '3500' });
    const large = (n: number) => ({ type: 'offer', sdp: `${n} ${'x'.repeat(1_000)}` });

    it('the first ones stay, and the others are counted', async () => {
      const room = signaling.room();
      const before = await dropped(signaling);
      const page = await signaling.join(room);
      for (let n = 0; n < 6; n += 1) page.send(large(n));
      await waitFor(async () => (await dropped(signaling)) === before + 3, 'three are dropped');
      const host = await signaling.join(room);
      page.send('not json');
      expect(await page.next()).toEqual(schemaError);
      page.send(large(6));
      await waitFor(() => host.messages.length === 4, 'what was held arrives, and what comes later');
      expect(host.messages).toEqual([large(0), large(1), large(2), large(6)]);
    });
  });

  describe('is bounded in time', () => {
    const signaling = useSignaling(store, count, { HELD_TTL_SECONDS: '1', HELD_MAX_MESSAGES: '2' });

    it('too old ones are not given to the next one, and make room for others', async () => {
      const room = signaling.room();
      const before = await dropped(signaling);
      const page = await signaling.join(room);
      page.send(candidate(0));
      page.send(candidate(1));
      await waitFor(async () => (await heldIn(room)) === 2, 'two are held');
      await delay(1_050);
      // There is no room for it unless the first two are gone.
      page.send(candidate(2));
      await waitFor(async () => (await heldIn(room)) === 1, 'the old ones are gone');
      const host = await signaling.join(room);
      expect(await host.next()).toEqual(candidate(2));
      expect(await dropped(signaling)).toBe(before);
      expect(host.messages).toEqual([candidate(2)]);
    });

    it('too old ones are not given to the next one, though nobody sent anything since', async () => {
      const room = signaling.room();
      const page = await signaling.join(room);
      page.send(candidate(0));
      await waitFor(async () => (await heldIn(room)) === 1, 'it is held');
      await delay(1_050);
      const host = await signaling.join(room);
      host.send(answer);
      expect(await page.next()).toEqual(answer);
      page.send(candidate(1));
      expect(await host.next()).toEqual(candidate(1));
    });
  });
});
