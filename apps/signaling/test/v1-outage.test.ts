import { describe, expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { candidate, offer } from './support/messages.js';
import { useSignaling } from './support/signaling.js';
import { askToResume, join, seenBy, type V1Client, type Welcome } from './support/v1.js';
import { numbers } from './support/v1-cases.js';

const quick = {
  REDIS_COMMAND_TIMEOUT_MS: '300',
  CB_ERROR_THRESHOLD: '3',
  CB_OPEN_MS: '500',
  RESUME_GRACE_SECONDS: '30',
  ROOM_CAPACITY: '3',
};

const outages = [
  {
    outage: 'hangs',
    keepsData: true,
    begin: (redis: ReturnType<typeof useRedis>) => redis.pause(),
    end: (redis: ReturnType<typeof useRedis>) => redis.resume(),
  },
  {
    outage: 'is gone, and comes back empty',
    keepsData: false,
    begin: (redis: ReturnType<typeof useRedis>) => redis.stop(),
    end: (redis: ReturnType<typeof useRedis>) => redis.restart(),
  },
];

describe.each(outages)('members of parley.v1 while Redis $outage (S4, S6)', ({ begin, end, keepsData }) => {
  const redis = useRedis();
  const signaling = useSignaling(redis, 2, quick);
  const url = (i: number) => signaling.instances[i]?.url ?? '';
  const isReady = (i: number) => async () =>
    (await fetch(`http://127.0.0.1:${signaling.instances[i]?.port}/readyz`)).status === 200;

  /** Resume as soon as it is possible. */
  async function comeBack(i: number, room: string, client: V1Client) {
    return waitFor(
      async () => {
        const socket = await askToResume(url(i), room, client.welcome.resumeToken, seenBy(client));
        await waitFor(() => socket.messages.length > 0 || socket.closed, 'an answer');
        const [welcome] = socket.messages as Welcome[];
        return welcome?.type === 'welcome' ? { socket, welcome } : undefined;
      },
      'it is welcomed',
      15_000,
    );
  }

  it('keep talking, and who drops meanwhile misses nothing or is told so', { timeout: 60_000 }, async () => {
    const [near, far] = [signaling.room(), signaling.room()];
    const [a, b] = [await join(url(0), near), await join(url(0), near)];
    const [c, d] = [await join(url(0), far), await join(url(1), far)];
    await waitFor(() => a.of('peer-joined').length && c.of('peer-joined').length, 'all know of each other');
    await new Promise((resolve) => setTimeout(resolve, 100));

    await begin(redis);
    await waitFor(async () => !(await isReady(0)()), 'it is noticed');
    a.send(candidate(1));
    await waitFor(() => numbers(b).length === 1, 'those on one instance keep talking');
    b.socket.terminate();
    expect(await waitFor(() => a.of('peer-away')[0], 'the other one is told')).toBeDefined();
    for (const n of [2, 3, 4]) a.send(candidate(n));
    for (const n of [1, 2, 3]) c.send(candidate(n));
    const refused = await askToResume(url(0), near, b.welcome.resumeToken);
    expect(await refused.waitClosed()).toEqual({ code: 1013, reason: 'Service unavailable' });
    a.send({ type: 'chat', text: 'hello?' });
    expect(await waitFor(() => a.of('error')[0], 'it is told')).toMatchObject({ code: 'unavailable' });
    a.send(candidate(5));
    await end(redis);

    await waitFor(isReady(1), 'it is over', 15_000);
    const back = await comeBack(1, near, b);
    expect(back.welcome.recovered).toBe(keepsData);
    expect(back.welcome.memberId === b.welcome.memberId).toBe(keepsData);
    const got = () =>
      (back.socket.messages as { candidate?: string }[]).flatMap(({ candidate: text }) => text ?? []);
    if (keepsData) {
      await waitFor(() => got().length === 4, 'what was missed');
      expect(got()).toEqual([2, 3, 4, 5].map((n) => `candidate:${n}`));
    }
    if (!keepsData) {
      // Nobody knows what the others published before it was gone, so they are made to ask.
      const closes = await Promise.all([c.waitClosed(), d.waitClosed()]);
      expect(closes.map(({ reason }) => reason)).toEqual(['Service unavailable', 'Service unavailable']);
      for (const [i, client] of [c, d].entries()) {
        const again = await comeBack(i, far, client);
        expect(again.welcome).toMatchObject({ memberId: client.welcome.memberId, recovered: false });
      }
      return;
    }
    await waitFor(() => numbers(d).length === 3, 'what waited for Redis');
    expect(numbers(d)).toEqual([1, 2, 3]);
    c.send(offer);
    await waitFor(() => d.of('offer').length === 1, 'all goes on');
    d.socket.terminate();
    await waitFor(() => c.of('peer-away').length, 'it is away');
    c.send(candidate(4));
    const again = await comeBack(0, far, d);
    expect(again.welcome).toMatchObject({ memberId: d.welcome.memberId, recovered: true });
    expect(c.of('peer-disconnected')).toEqual([]);
  });
});
