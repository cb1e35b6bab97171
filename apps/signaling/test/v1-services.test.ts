import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openSocket, useRedis, waitFor } from '@parley/testkit';
import { candidate } from './support/messages.js';
import { useSignaling } from './support/signaling.js';
import { join, resume, type V1Client } from './support/v1.js';
import { onEachLayout, useServers } from './support/v1-cases.js';

const cases = onEachLayout(useServers());
const auth = { ENABLE_AUTH: 'true', JWT_SECRET: 'the-secret-of-this-test' };

/** A user's token as any issuer would make it. */
function tokenOf(sub: string, room: string): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, rooms: [room], exp })}`;
  return `${unsigned}.${createHmac('sha256', auth.JWT_SECRET).update(unsigned).digest('base64url')}`;
}

const texts = (client: V1Client) => client.of('chat').map(({ text }) => text);

describe.each(cases)('chat on $layout and $server', ({ redis, count }) => {
  const signaling = useSignaling(redis, count, { ROOM_CAPACITY: '4', CHAT_HISTORY_MAX: '5' });
  const url = (i: number) => signaling.instances[i % count]?.url ?? '';

  it('comes to all in one order, their senders included, and to no plain member', async () => {
    const room = signaling.room();
    const members = [await join(url(0), room), await join(url(1), room), await join(url(0), room)];
    const plain = await openSocket(`${url(1)}/?roomId=${room}`);
    await Promise.all(
      members.map(async (member, i) => {
        for (let n = 0; n < 10; n += 1) {
          member.send({ type: 'chat', text: `${i}:${n}` });
          member.send(candidate(n));
          await new Promise((resolve) => setTimeout(resolve, 3));
        }
      }),
    );
    await waitFor(() => members.every((each) => texts(each).length === 30), 'all get all');
    const [first] = members;
    for (const member of members) expect(texts(member)).toEqual(first && texts(first));
    const ids = first?.of('chat').map(({ id }) => Number(id)) ?? [];
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    // What one says and what else it sends stays in its order.
    const second = members[1]?.welcome.memberId;
    const seqs = first?.heard().flatMap(({ from, seq }) => (from === second && seq ? [seq] : []));
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    await waitFor(() => plain.messages.length === 30, 'the candidates');
    expect(plain.messages.filter((message) => (message as { type: string }).type === 'chat')).toEqual([]);
  });

  it('is kept for who comes later, the last ones, within bounds', async () => {
    const room = signaling.room();
    const first = await join(url(0), room);
    for (let n = 0; n < 8; n += 1) first.send({ type: 'chat', text: `said ${n}` });
    await waitFor(() => texts(first).length === 8, 'they are said');
    const late = await join(url(1), room);
    expect(late.welcome.history?.map(({ text }) => text)).toEqual([3, 4, 5, 6, 7].map((n) => `said ${n}`));
    expect(late.welcome.history?.[0]).toMatchObject({ type: 'chat', from: first.welcome.memberId, seq: 4 });
    expect(late.of('chat')).toEqual([]);
  });

  it('is missed by nobody who comes back, and repeated to nobody', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await waitFor(() => a.of('peer-joined').length, 'it is told');
    b.send({ type: 'chat', text: 'one' });
    a.send({ type: 'chat', text: 'two' });
    await waitFor(() => texts(a).length === 2 && texts(b).length === 2, 'both are said');
    a.socket.terminate();
    await waitFor(() => b.of('peer-away').length, 'it is away');
    b.send({ type: 'chat', text: 'three' });
    await waitFor(() => texts(b).length === 3, 'it is said');
    const back = await resume(url(1), room, a);
    await waitFor(() => texts(back).length, 'what was missed');
    expect(back.welcome.history).toBeUndefined();
    expect(texts(back)).toEqual(['three']);
  });

  it('tells who types, until it stops, says it, or leaves', async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await waitFor(() => a.of('peer-joined').length, 'it is told');
    const from = a.welcome.memberId;
    const states = () => b.of('typing').map(({ state }) => state);
    a.send({ type: 'typing', state: 'start' });
    a.send({ type: 'typing', state: 'start' });
    await waitFor(() => states().length === 1, 'it types');
    expect(b.of('typing')).toEqual([{ type: 'typing', from, state: 'start' }]);
    a.send({ type: 'typing', state: 'stop' });
    await waitFor(() => states().length === 2, 'it stops');
    a.send({ type: 'typing', state: 'start' });
    await waitFor(() => states().length === 3, 'it types again');
    a.socket.terminate();
    await waitFor(() => states().length === 4, 'it stops when it is away');
    expect(states()).toEqual(['start', 'stop', 'start', 'stop']);
    expect(a.of('typing')).toEqual([]);
  });

  it('says no more of who types and says nothing', { timeout: 15_000 }, async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await waitFor(() => a.of('peer-joined').length, 'it is told');
    a.send({ type: 'typing', state: 'start' });
    await waitFor(() => b.of('typing').length === 2, 'it ends by itself');
    expect(b.of('typing')[1]).toMatchObject({ state: 'stop' });
  });

  it('needs a token that names a user for what is private', async () => {
    const room = signaling.room();
    const a = await join(url(0), room);
    a.send({ type: 'private', toUser: 'ann', text: 'psst' });
    await waitFor(() => a.of('error').length, 'an error');
    expect(a.of('error')[0]).toMatchObject({ code: 'auth-required' });
  });
});

describe.each(cases)('users on $layout and $server', ({ redis, count }) => {
  const signaling = useSignaling(redis, count, { ROOM_CAPACITY: '5', ...auth });
  const come = (i: number, room: string, user: string) =>
    join(signaling.instances[i % count]?.url ?? '', `${room}&token=${tokenOf(user, room)}`);

  it('come and go with their first and last member, and are named', async () => {
    const room = signaling.room();
    const ann = await come(0, room, 'ann');
    expect(ann.welcome.userId).toBe('ann');
    const bob = await come(1, room, 'bob: 50%');
    expect(bob.welcome.members).toEqual([{ memberId: ann.welcome.memberId, userId: 'ann' }]);
    const again = await come(0, room, 'bob: 50%');
    await waitFor(() => ann.of('peer-joined').length === 2, 'both are there');
    expect(ann.of('peer-joined')[0]).toMatchObject({ userId: 'bob: 50%' });
    await again.close();
    await waitFor(() => ann.of('peer-disconnected').length === 1, 'one has gone');
    await bob.close();
    await waitFor(() => ann.of('user-left').length === 1, 'both have gone');
    expect(ann.of('user-joined')).toEqual([{ type: 'user-joined', userId: 'bob: 50%' }]);
    expect(ann.of('user-left')).toEqual([{ type: 'user-left', userId: 'bob: 50%' }]);
    expect(ann.of('peer-disconnected')).toHaveLength(2);
  });

  it('get what is private, on any instance, and nobody else does', async () => {
    const room = signaling.room();
    const [ann, bob, eve] = [
      await come(0, room, 'ann'),
      await come(1, room, 'bob'),
      await come(0, room, 'eve'),
    ];
    const bobToo = await come(0, room, 'bob');
    await waitFor(() => ann.of('peer-joined').length === 3, 'all are there');
    ann.send({ type: 'private', toUser: 'bob', text: 'psst' });
    ann.send({ type: 'chat', text: 'hello' });
    await waitFor(
      () => [bob, bobToo, eve].every((each) => each.of('chat').length === 1),
      'the chat comes to all',
    );
    for (const each of [bob, bobToo]) {
      expect(each.of('private')).toEqual([
        {
          type: 'private',
          from: ann.welcome.memberId,
          seq: 1,
          fromUser: 'ann',
          text: 'psst',
          at: expect.any(Number) as number,
        },
      ]);
    }
    expect([...eve.of('private'), ...ann.of('private')]).toEqual([]);
    expect(eve.of('chat')[0]).toMatchObject({ userId: 'ann', seq: 2 });
    for (const nobody of ['nobody', 'ann']) ann.send({ type: 'private', toUser: nobody, text: 'psst' });
    await waitFor(() => ann.of('error').length === 2, 'errors');
    expect(ann.of('error').map(({ code }) => code)).toEqual(['user-not-here', 'user-not-here']);
  });

  it('cannot take over members of others', async () => {
    const room = signaling.room();
    const ann = await come(0, room, 'ann');
    const thief = await come(1, room, 'eve');
    ann.socket.terminate();
    await waitFor(() => thief.of('peer-away').length, 'she is away');
    const url = signaling.instances[0]?.url ?? '';
    const stolen = await resume(url, `${room}&token=${tokenOf('eve', room)}`, ann);
    expect(stolen.welcome).toMatchObject({ recovered: false, userId: 'eve' });
    expect(stolen.welcome.memberId).not.toBe(ann.welcome.memberId);
    const back = await resume(url, `${room}&token=${tokenOf('ann', room)}`, ann);
    expect(back.welcome).toMatchObject({ recovered: true, memberId: ann.welcome.memberId });
  });
});

describe('a limit', () => {
  const signaling = useSignaling(useRedis(), 1, { RATE_LIMIT_MESSAGES_PER_10S: '5' });

  it('is told once, as an error', async () => {
    const a = await join(signaling.instances[0]?.url ?? '', signaling.room());
    for (let n = 0; n < 20; n += 1) a.send(candidate(n));
    a.send('{');
    await waitFor(() => a.of('error').length, 'an error');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(a.of('error').map(({ code }) => code)).toEqual(['rate-limited']);
  });
});
