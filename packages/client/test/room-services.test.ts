import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { useStack } from './support/services.js';
import { record, type Recorded } from './support/sessions.js';
import { JWT_SECRET, userToken } from './support/user-token.js';

const redis = useRedis();
const stack = useStack(redis, { ROOM_CAPACITY: '8' });
const WITH_AUTH = { ENABLE_AUTH: 'true', JWT_SECRET, JWT_ALG: 'HS256' };

const texts = (recorded: Recorded) => recorded.of('chat').map(({ text }) => text);

describe('chat', () => {
  it('reaches everybody in one order, its sender too, and newcomers get what was said', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: one.url });
    const b = record({ roomId, signalingUrl: other.url });
    await Promise.all([a.until('welcome'), b.until('welcome')]);
    for (let n = 1; n <= 10; n += 1) {
      expect(a.session.chat(`a${n}`)).toBe('sent');
      b.session.chat(`b${n}`);
    }
    await Promise.all([a.until('chat', 20), b.until('chat', 20)]);
    expect(texts(b)).toEqual(texts(a));
    expect(texts(a).filter((text) => text.startsWith('a'))).toEqual(
      Array.from({ length: 10 }, (_, i) => `a${i + 1}`),
    );
    expect(a.of('chat')[0]).toMatchObject({
      id: expect.any(String) as string,
      at: expect.any(Number) as number,
    });
    const late = await record({ roomId, signalingUrl: one.url }).until('welcome');
    expect(late.history?.map(({ text }) => text)).toEqual(texts(a));
  });

  it('comes once, whatever happens to the connection meanwhile', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const proxy = await startTcpProxy(one.url);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: other.url });
    const b = record({ roomId, signalingUrl: proxy.url });
    await Promise.all([a.until('welcome'), b.until('welcome')]);
    for (let n = 1; n <= 30; n += 1) {
      a.session.chat(`a${n}`);
      b.session.chat(`b${n}`);
      if (n % 10 === 0) {
        proxy.reset();
        await b.until('welcome', 1 + n / 10);
      }
    }
    await Promise.all([a.until('chat', 60), b.until('chat', 60)]);
    expect(b.of('welcome').map(({ recovered }) => recovered)).toEqual([false, true, true, true]);
    for (const each of [a, b]) {
      expect(new Set(texts(each)).size).toBe(60);
      for (const who of ['a', 'b']) {
        const said = texts(each).filter((text) => text.startsWith(who));
        expect(said).toEqual(Array.from({ length: 30 }, (_, i) => `${who}${i + 1}`));
      }
    }
    await proxy.stop();
  });

  it('shows who types', async () => {
    const { url } = await stack.start('signaling');
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: url });
    const b = record({ roomId, signalingUrl: url });
    expect(b.session.typing('start')).toBe('refused');
    await Promise.all([a.until('welcome'), b.until('welcome')]);
    expect(b.session.typing('start')).toBe('sent');
    expect(b.session.typing('stop')).toBe('sent');
    await a.until('typing', 2);
    expect(a.of('typing').map(({ from, state }) => [from, state])).toEqual([
      [b.session.memberId, 'start'],
      [b.session.memberId, 'stop'],
    ]);
  });
});

describe('users', () => {
  it('come, go, and are written to on any instance', async () => {
    const [one, other] = await Promise.all([
      stack.start('signaling', WITH_AUTH),
      stack.start('signaling', WITH_AUTH),
    ]);
    const roomId = uniqueId('room');
    const enter = (user: string, signalingUrl: string) =>
      record({ roomId, signalingUrl, token: userToken(user, [roomId]) });
    const ann = enter('ann', one.url);
    expect(await ann.until('welcome')).toMatchObject({ userId: 'ann' });
    const bob = enter('bob', other.url);
    const bobToo = enter('bob', one.url);
    await Promise.all([bob.until('welcome'), bobToo.until('welcome')]);
    expect(await ann.until('user-joined')).toEqual({ type: 'user-joined', userId: 'bob' });
    await waitFor(() => ann.session.members.size === 2, 'ann sees both');
    expect([...ann.session.members.values()].map(({ userId }) => userId)).toEqual(['bob', 'bob']);

    ann.session.private('bob', 'psst');
    for (const each of [bob, bobToo]) {
      expect(await each.until('private')).toMatchObject({
        fromUser: 'ann',
        from: ann.session.memberId,
        text: 'psst',
      });
    }
    ann.session.private('eve', 'anyone?');
    expect(await ann.until('error')).toMatchObject({ code: 'user-not-here' });

    bob.session.close();
    await ann.until('peer-disconnected');
    expect(ann.of('user-left')).toEqual([]);
    bobToo.session.close();
    expect(await ann.until('user-left')).toMatchObject({ userId: 'bob' });
  });

  it('get a fresh token before each try, and are back in the room when the old one has ended', async () => {
    const { url } = await stack.start('signaling', { ...WITH_AUTH, JWT_ENFORCE_EXPIRY: 'true' });
    const roomId = uniqueId('room');
    let asked = 0;
    const token = () => {
      asked += 1;
      return Promise.resolve(userToken('ann', [roomId], asked === 1 ? 2 : 60));
    };
    const ann = record({ roomId, signalingUrl: url, token });
    await ann.until('welcome');
    expect(await ann.until('welcome', 2, 20_000)).toMatchObject({ isReturn: true, userId: 'ann' });
    expect(asked).toBe(2);
    expect(ann.of('closed')).toEqual([]);
  });
});
