import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { candidate } from './support/messages.js';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';
import { auth, tokenFor } from './support/tokens.js';
import { askToResume, join, resume, seenBy, type Welcome } from './support/v1.js';

const redis = useRedis();

describe('a member of parley.v1 whose former connection ends late', () => {
  it('stays, and every chat is said once', { timeout: 60_000 }, async () => {
    const proxy = await startTcpProxy(redis.url);
    const env = { REDIS_URL: proxy.url, ROOM_CAPACITY: '3', REDIS_COMMAND_TIMEOUT_MS: '5000' };
    const instance = await startInstance({ ...generousLimits, ...env, RESUME_GRACE_SECONDS: '2' });
    try {
      const room = uniqueId('room');
      const [a, b] = [await join(instance.url, room), await join(instance.url, room)];
      await waitFor(() => a.of('peer-joined').length, 'it is told');
      proxy.latencyMs = 40;
      const all = Array.from({ length: 60 }, (_, i) => i + 1);
      const say = (n: number) => ({ type: 'chat', text: `chat ${n}`, seq: n });
      for (const n of all) a.send(say(n));
      await waitFor(() => b.of('chat').length > 0, 'the first is said');
      a.socket.terminate();
      const back = await resume(instance.url, room, a);
      proxy.latencyMs = 0;
      for (const n of all) if (n > (back.welcome.received ?? 0)) back.send(say(n));
      await waitFor(() => b.of('chat').length === all.length, 'all are said', 20_000);
      expect(b.of('chat').map(({ seq }) => seq)).toEqual(all);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(back.closed).toBeUndefined();
      expect(b.of('peer-disconnected')).toEqual([]);
      b.send(candidate(1));
      await waitFor(() => back.of('candidate').length, 'it still gets what is said');
    } finally {
      await instance.service.stop();
      await proxy.stop();
    }
  });
});

describe('a chat that could not be passed on', () => {
  const proxied = useRedis();
  const signaling = useSignaling(proxied, 1, { ROOM_CAPACITY: '3', RESUME_GRACE_SECONDS: '30' });

  it('does not count as taken where its sender could not be told', { timeout: 60_000 }, async () => {
    const url = signaling.instances[0]?.url ?? '';
    const room = signaling.room();
    const [a, b] = [await join(url, room), await join(url, room)];
    await waitFor(() => a.of('peer-joined').length, 'it is told');
    proxied.pause();
    for (const n of [1, 2, 3]) a.send({ type: 'chat', text: `said ${n}`, seq: n });
    await new Promise((resolve) => setTimeout(resolve, 100));
    a.socket.terminate();
    await waitFor(() => b.of('peer-away').length, 'it is away', 15_000);
    proxied.resume();
    const back = await waitFor(() => resume(url, room, a).catch(() => undefined), 'it is welcomed', 20_000);
    const received = back.welcome.received ?? NaN;
    for (const n of [1, 2, 3]) if (n > received) back.send({ type: 'chat', text: `said ${n}`, seq: n });
    await waitFor(() => b.of('chat').length === 3, 'all are said');
    expect(b.of('chat').map(({ text }) => text)).toEqual([1, 2, 3].map((n) => `said ${n}`));
  });
});

describe('numbers', () => {
  const signaling = useSignaling(redis, 1, { ROOM_CAPACITY: '3' });

  it('that are too great are refused, and keep nobody from coming back', async () => {
    const url = signaling.instances[0]?.url ?? '';
    const room = signaling.room();
    const [victim, liar] = [await join(url, room), await join(url, room)];
    await waitFor(() => victim.of('peer-joined').length, 'it is told');
    liar.send({ ...candidate(1), seq: Number.MAX_SAFE_INTEGER });
    await waitFor(() => liar.of('error').length, 'it is refused');
    expect(liar.of('error')[0]).toMatchObject({ code: 'invalid-message' });
    liar.send({ ...candidate(2), seq: 2 ** 40 });
    liar.send(candidate(3));
    liar.send({ ...candidate(4), seq: 4 });
    liar.send(candidate(5));
    await waitFor(() => victim.of('candidate').length === 3, 'those after it');
    expect(victim.of('candidate').map(({ seq }) => seq)).toEqual([2 ** 40, 2 ** 40 + 1, 2 ** 40 + 2]);
    victim.socket.terminate();
    await waitFor(() => liar.of('peer-away').length, 'it is away');
    const seen = { ...seenBy(victim), odd: 2 ** 60, odder: -1, ['~'.repeat(300)]: 0.5 };
    const back = await askToResume(url, room, victim.welcome.resumeToken, seen);
    await waitFor(() => back.messages.length > 0, 'a welcome');
    const [welcome] = back.messages as Welcome[];
    expect(welcome).toMatchObject({ memberId: victim.welcome.memberId, recovered: true });
  });
});

describe('a member of parley.v1 whose token ends', () => {
  const signaling = useSignaling(redis, 1, { ...auth, JWT_ENFORCE_EXPIRY: 'true', ROOM_CAPACITY: '2' });

  it('is away, and comes back with a new one', async () => {
    const url = signaling.instances[0]?.url ?? '';
    const room = signaling.room();
    const stays = await join(url, `${room}&token=${tokenFor([room])}`);
    const ends = await join(url, `${room}&token=${tokenFor([room], 2)}`);
    expect(await ends.waitClosed(5_000)).toEqual({ code: 1008, reason: 'Unauthorized' });
    await waitFor(() => stays.of('peer-away').length, 'it is away');
    const back = await resume(url, `${room}&token=${tokenFor([room])}`, ends);
    expect(back.welcome).toMatchObject({ recovered: true, memberId: ends.welcome.memberId });
    expect(stays.of('peer-disconnected')).toEqual([]);
  });
});
