import { describe, expect, it } from 'vitest';
import { useStore, waitFor } from '@parley/testkit';
import { answer, candidate, offer, peerDisconnected, schemaError } from './support/messages.js';
import { layouts, useSignaling } from './support/signaling.js';

const store = useStore();

describe.each(layouts)('on $layout', ({ count }) => {
  const signaling = useSignaling(store, count);

  it('relays offer, answer and candidates, in order, and never back to the sender', async () => {
    const room = signaling.room();
    const host = await signaling.join(room);
    const page = await signaling.join(room);
    page.send(offer);
    for (let n = 0; n < 50; n += 1) page.send(candidate(n));
    await waitFor(() => host.messages.length === 51, 'everything arrives');
    expect(host.messages).toEqual([offer, ...Array.from({ length: 50 }, (_, n) => candidate(n))]);
    host.send(answer);
    expect(await page.next()).toEqual(answer);
    expect(page.messages).toEqual([answer]);
  });

  it('loses nothing that is sent in the tick of open (S1)', async () => {
    for (let round = 0; round < 20; round += 1) {
      const room = signaling.room();
      const host = await signaling.join(room);
      const page = await signaling.join(room, undefined, (socket) => {
        socket.send(JSON.stringify(offer));
        socket.send(JSON.stringify(candidate(round)));
      });
      await waitFor(() => host.messages.length === 2, 'offer and candidate arrive');
      expect(host.messages).toEqual([offer, candidate(round)]);
      await Promise.all([host.close(), page.close()]);
    }
  });

  it('holds what is sent while nobody else is there for the next one to join, in order (S2)', async () => {
    const room = signaling.room();
    const page = await signaling.join(room);
    page.send(offer);
    for (let n = 0; n < 20; n += 1) page.send(candidate(n));
    const host = await signaling.join(room);
    for (let n = 20; n < 40; n += 1) page.send(candidate(n));
    await waitFor(() => host.messages.length >= 41, 'held and later messages arrive');
    expect(host.messages).toEqual([offer, ...Array.from({ length: 40 }, (_, n) => candidate(n))]);
  });

  /** Rooms on the first instance, where every room's first member goes. */
  const localRooms = async () => {
    const exposition = (await signaling.instances[0]?.metrics()) ?? '';
    return Number(/^cloudgaming_local_rooms (\d+)$/m.exec(exposition)?.[1]);
  };

  it('drops what was held when its sender leaves', async () => {
    const room = signaling.room();
    const before = await localRooms();
    const first = await signaling.join(room);
    first.send(offer);
    await first.close();
    await waitFor(async () => (await localRooms()) === before, 'its leaving is known');
    const [host, page] = [await signaling.join(room), await signaling.join(room)];
    page.send(answer);
    expect(await host.next()).toEqual(answer);
  });

  it('tells the others when a member leaves, and lets the next one in', async () => {
    const room = signaling.room();
    const host = await signaling.join(room);
    const page = await signaling.join(room);
    page.send(offer);
    expect(await host.next()).toEqual(offer);
    await page.close();
    expect(await host.next()).toEqual(peerDisconnected);
    const second = await signaling.join(room);
    second.send(offer);
    expect(await host.next()).toEqual(offer);
    host.send(answer);
    expect(await second.next()).toEqual(answer);
  });

  it('lets exactly as many in as fit, however many come at once', async () => {
    const room = signaling.room();
    const all = await Promise.all(Array.from({ length: 10 }, () => signaling.join(room)));
    await waitFor(() => all.filter(({ closed }) => closed).length === 8, 'eight are refused');
    const refused = all.filter(({ closed }) => closed);
    expect(new Set(refused.map(({ closed }) => `${closed?.code} ${closed?.reason}`))).toEqual(
      new Set(['1000 Room is full']),
    );
    expect(refused.flatMap(({ messages }) => messages)).toEqual([]);
    const [a, b] = all.filter(({ closed }) => !closed);
    a?.send(offer);
    expect(await b?.next()).toEqual(offer);
  });

  it('refuses who finds it full of living members at once, without waiting for any of them to be given up', async () => {
    const room = signaling.room();
    const members = [await signaling.join(room), await signaling.join(room)] as const;
    members[0].send(offer);
    expect(await members[1].next()).toEqual(offer);
    for (const _ of layouts) {
      const startedAt = performance.now();
      const refused = await signaling.join(room);
      expect(await refused.waitClosed()).toEqual({ code: 1000, reason: 'Room is full' });
      // A second try would only come after half a second.
      expect(performance.now() - startedAt).toBeLessThan(400);
    }
  });

  it('answers an invalid message to its sender only, and stays', async () => {
    const room = signaling.room();
    const host = await signaling.join(room);
    const page = await signaling.join(room);
    for (const bad of ['no json', '{"type":"nonsense"}', '[]', '{"type":"offer"}', '{"sdp":"x"}']) {
      page.send(bad);
      expect(await page.next()).toEqual(schemaError);
    }
    page.socket.send(Buffer.from(JSON.stringify(offer)), { binary: true });
    expect(await page.next()).toEqual(schemaError);
    page.send({ extra: 1, ...offer });
    expect(await host.next()).toEqual(offer);
    expect(host.messages).toHaveLength(1);
  });
});
