import { describe, expect, it } from 'vitest';
import { openSocket, startTcpProxy, waitFor } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { startInstance, useSignaling, generousLimits } from './support/signaling.js';
import { askToResume, join, resume, seenBy } from './support/v1.js';
import { cut, isTold, numbers, onEachLayout, upTo, useServers } from './support/v1-cases.js';

const servers = useServers();
const cases = onEachLayout(servers);

describe.each(cases)('a member of parley.v1 that drops, on $layout and $server (S4)', ({ redis, count }) => {
  const signaling = useSignaling(redis, count, { ROOM_CAPACITY: '3' });
  const url = (i: number) => signaling.instances[i % count]?.url ?? '';
  /** Where it comes back: the same instance, or another one. */
  const places = count === 1 ? [0] : [0, 1];

  it.each(places)(
    'gets all it missed, once, in order, and nobody is told that it left (at instance %i)',
    async (to) => {
      const room = signaling.room();
      const [a, b] = [await join(url(0), room), await join(url(1), room)];
      const plain = await openSocket(`${url(0)}/?roomId=${room}`);
      await isTold(a, 'peer-joined');
      for (const n of upTo(20)) b.send(candidate(n));
      await waitFor(() => numbers(a).length === 20, 'the first 20 arrive');
      await cut(a);
      expect(await isTold(b, 'peer-away')).toEqual({ type: 'peer-away', memberId: a.welcome.memberId });
      for (const n of upTo(40, 21)) b.send(candidate(n));
      const back = await resume(url(to), room, a);
      expect(back.welcome).toMatchObject({ recovered: true, memberId: a.welcome.memberId, received: 0 });
      expect(back.welcome.resumeToken).not.toBe(a.welcome.resumeToken);
      for (const n of upTo(60, 41)) b.send(candidate(n));
      await waitFor(() => numbers(back).length === 40, 'all of it arrives');
      expect(numbers(back)).toEqual(upTo(60, 21));
      await waitFor(() => b.of('peer-joined').some(({ resumed }) => resumed), 'the other one is told');
      expect(b.of('peer-disconnected')).toEqual([]);
      back.send(offer);
      await waitFor(() => b.of('offer').length === 1, 'it can send again');
      await waitFor(() => plain.messages.length === 61, 'the plain one got all');
      expect(plain.messages).toEqual([...upTo(60).map(candidate), offer]);
    },
  );

  it.each(places)('gets what was on its way when the connection was lost (at instance %i)', async (to) => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    for (const n of upTo(30)) b.send(candidate(n));
    await waitFor(() => numbers(a).length === 30, 'they arrive');
    await cut(a);
    const back = await resume(url(to), room, a, { [b.welcome.memberId]: 7 });
    expect(back.welcome.recovered).toBe(true);
    await waitFor(() => numbers(back).length === 23, 'the rest of it arrives');
    expect(numbers(back)).toEqual(upTo(30, 8));
  });

  it.each(places)('resumes while the server has not noticed (at instance %i)', async (to) => {
    const proxy = await startTcpProxy(url(0).replace('ws:', 'http:'));
    const room = signaling.room();
    const [a, b] = [await join(`ws://127.0.0.1:${proxy.port}`, room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    for (const n of upTo(5)) b.send(candidate(n));
    await waitFor(() => numbers(a).length === 5, 'they arrive');
    proxy.stall();
    for (const n of upTo(9, 6)) b.send(candidate(n));
    a.send(offer);
    const startedAt = performance.now();
    const back = await resume(url(to), room, a);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(back.welcome).toMatchObject({ recovered: true, received: 0 });
    for (const n of upTo(12, 10)) b.send(candidate(n));
    await waitFor(() => numbers(back).length === 7, 'all of it arrives');
    expect(numbers(back)).toEqual(upTo(12, 6));
    proxy.resume();
    expect(await a.waitClosed()).toEqual({ code: 1000, reason: 'Resumed elsewhere' });
    back.send({ ...candidate(1), seq: 1 });
    await waitFor(() => numbers(b).length === 1, 'it can send');
    expect(b.of('offer')).toEqual([]);
    expect(b.of('peer-disconnected')).toEqual([]);
    await proxy.stop();
  });

  it('is told what of its own had arrived, so that it can send the rest again', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    for (const n of upTo(5)) a.send({ ...candidate(n), seq: n });
    await waitFor(() => numbers(b).length === 5, 'they arrive');
    await cut(a);
    const back = await resume(url(1), room, a);
    expect(back.welcome.received).toBe(5);
    for (const n of upTo(8, 4)) back.send({ ...candidate(n), seq: n });
    await waitFor(() => numbers(b).length === 8, 'the rest arrives');
    expect(numbers(b)).toEqual(upTo(8));
  });

  it('can resume again and again, at any place, each token once', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    let current = a;
    for (const round of upTo(6)) {
      b.send(candidate(round));
      await cut(current);
      current = await resume(url(round), room, current, { [b.welcome.memberId]: round - 1 });
      expect(current.welcome.recovered).toBe(true);
      await waitFor(() => numbers(current).length === 1, 'the one that was missed');
      expect(numbers(current)).toEqual([round]);
    }
    expect(b.of('peer-disconnected')).toEqual([]);
  });

  it('keeps what it sent while it was alone', async () => {
    const room = signaling.room();
    const a = await join(url(0), room);
    for (const n of upTo(3)) a.send({ ...candidate(n), seq: n });
    await cut(a);
    const back = await resume(url(1), room, a);
    expect(back.welcome).toMatchObject({ recovered: true });
    for (const n of upTo(6, (back.welcome.received ?? 0) + 1)) back.send({ ...candidate(n), seq: n });
    const b = await join(url(0), room);
    await waitFor(() => numbers(b).length === 6, 'all that was held');
    expect(numbers(b)).toEqual(upTo(6));
  });

  it('misses nothing that was held and did not reach it', async () => {
    const room = signaling.room();
    const host = await openSocket(`${url(0)}/?roomId=${room}`);
    for (const n of upTo(5)) host.send(candidate(n));
    const a = await join(url(1), room);
    await waitFor(() => numbers(a).length === 5, 'what was held');
    await cut(a);
    const back = await resume(url(0), room, a, {});
    expect(back.welcome.recovered).toBe(true);
    await waitFor(() => numbers(back).length === 5, 'the same again');
    expect(numbers(back)).toEqual(upTo(5));
  });

  it('gets none of what was sent before it joined', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await isTold(a, 'peer-joined');
    for (const n of upTo(5)) a.send(candidate(n));
    await waitFor(() => numbers(b).length === 5, 'they arrive');
    const late = await join(url(0), room);
    a.send(candidate(6));
    await waitFor(() => numbers(late).length === 1, 'the next one arrives');
    await cut(late);
    const back = await resume(url(1), room, late, {});
    expect(back.welcome.recovered).toBe(true);
    await waitFor(() => numbers(back).length === 1, 'that one again');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(numbers(back)).toEqual([6]);
  });

  it('is given what is for it alone, and nothing that is for others', async () => {
    const room = signaling.room();
    const [a, b, c] = [await join(url(0), room), await join(url(1), room), await join(url(0), room)];
    await waitFor(() => b.heard().length === 1 && a.heard().length === 2, 'all know of each other');
    await cut(a);
    await isTold(b, 'peer-away');
    b.send({ ...candidate(1), to: a.welcome.memberId });
    b.send({ ...candidate(2), to: c.welcome.memberId });
    b.send(candidate(3));
    const back = await resume(url(1), room, a);
    await waitFor(() => numbers(back).length === 2, 'its messages');
    expect(numbers(back)).toEqual([1, 3]);
    expect(back.welcome.recovered).toBe(true);
    await waitFor(() => numbers(c).length === 2, 'those of the third');
    expect(numbers(c)).toEqual([2, 3]);
  });

  it('keeps its place in a full room, and does not block it when it said goodbye', async () => {
    const room = signaling.room();
    const [a, b, c] = [await join(url(0), room), await join(url(1), room), await join(url(0), room)];
    await cut(a);
    await isTold(b, 'peer-away');
    const late = await openSocket(`${url(1)}/?roomId=${room}`);
    expect(await late.waitClosed()).toEqual({ code: 1000, reason: 'Room is full' });
    c.socket.close(1000);
    await isTold(b, 'peer-disconnected');
    const next = await join(url(0), room);
    expect(next.welcome.members).toContainEqual({ memberId: a.welcome.memberId, away: true });
    const back = await resume(url(1), room, a);
    expect(back.welcome.recovered).toBe(true);
  });

  it('may have missed something when more was sent than is kept, and is told so', async () => {
    const room = signaling.room();
    const [a, b, c] = [await join(url(0), room), await join(url(1), room), await join(url(0), room)];
    await isTold(b, 'peer-joined');
    await cut(a);
    await isTold(b, 'peer-away');
    for (const n of upTo(1_500)) b.send(candidate(n));
    b.send({ ...offer, to: a.welcome.memberId });
    // What comes after it is back need not be kept for it.
    await waitFor(() => numbers(c).length === 1_500, 'all of it passed through the room');
    const back = await resume(url(1), room, a, {});
    await waitFor(() => back.of('offer').length === 1, 'the last one');
    const got = numbers(back);
    expect(back.welcome.recovered).toBe(got.length === 1_500);
    // What is left comes in order, once.
    expect(got).toEqual([...new Set(got)].toSorted((x, y) => x - y));
    expect(got.at(-1)).toBe(1_500);
    expect(got.length).toBeLessThan(1_500);
  });
});

describe.each(servers)('an absence that lasts for too long, on $server', ({ redis }) => {
  const signaling = useSignaling(redis, 2, { ROOM_CAPACITY: '2', RESUME_GRACE_SECONDS: '1' });
  const url = (i: number) => signaling.instances[i % 2]?.url ?? '';

  it.each([0, 1])('ends: the others are told, the place is free, the token is worth nothing', async (i) => {
    const room = signaling.room();
    const [a, plain] = [await join(url(0), room), await openSocket(`${url(i)}/?roomId=${room}`)];
    a.send(offer);
    expect(await plain.next()).toEqual(offer);
    const cutAt = performance.now();
    await cut(a);
    expect(await plain.next()).toEqual({ type: 'peer-disconnected' });
    expect(performance.now() - cutAt).toBeGreaterThan(900);
    expect(performance.now() - cutAt).toBeLessThan(2_500);
    const back = await askToResume(url(1), room, a.welcome.resumeToken);
    await waitFor(() => back.messages.length, 'a welcome');
    expect(back.messages[0]).toMatchObject({ recovered: false, members: [{}] });
    expect(plain.messages).toHaveLength(2);
  });

  it('ends when nobody else is there, too', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await Promise.all([cut(a), cut(b)]);
    await waitFor(
      async () => {
        const one = await openSocket(`${url(0)}/?roomId=${room}`);
        const two = await openSocket(`${url(1)}/?roomId=${room}`);
        one.send(offer);
        await waitFor(() => two.messages.length, 'both are in', 300).finally(() => {
          one.socket.close();
          two.socket.close();
        });
        return true;
      },
      'two others may join',
      5_000,
    );
  });
});

describe.each(servers)('an instance that drains, on $server', ({ redis }) => {
  it('lets its members resume elsewhere, and tells them when to come', async () => {
    const env = { ...generousLimits, ...redis.env, ROOM_CAPACITY: '2' };
    const [first, second] = [await startInstance(env), await startInstance(env)];
    const rooms = upTo(10).map((n) => `${n}-${Math.random().toString(36).slice(2)}`);
    const pairs = await Promise.all(
      rooms.map(async (room) => {
        const a = await join(first.url, room);
        const b = await join(first.url, room);
        await isTold(a, 'peer-joined');
        for (const n of upTo(5)) b.send({ ...candidate(n), seq: n });
        await waitFor(() => numbers(a).length === 5, 'they arrive');
        return { room, a, b };
      }),
    );
    const stopped = first.service.stop();
    await Promise.all(
      pairs.map(async ({ room, a, b }) => {
        const closes = await Promise.all([a.waitClosed(), b.waitClosed()]);
        expect(closes.map(({ code }) => code)).toEqual([1012, 1012]);
        expect(a.of('draining')[0]?.['retryAfterMs']).toBeGreaterThanOrEqual(0);
        const [a2, b2] = await Promise.all([resume(second.url, room, a), resume(second.url, room, b)]);
        expect([a2.welcome.recovered, b2.welcome.recovered]).toEqual([true, true]);
        expect(b2.welcome.received).toBe(5);
        expect(a2.welcome.memberId).toBe(a.welcome.memberId);
        b2.send({ ...candidate(6), seq: 6 });
        await waitFor(() => numbers(a2).length === 1, 'the next one arrives');
        expect(numbers(a2)).toEqual([6]);
        expect(seenBy(a2)).toEqual({ [b.welcome.memberId]: 6 });
      }),
    );
    await stopped;
    await second.service.stop();
  });
});
