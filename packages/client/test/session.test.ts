import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { numbered, numbersOf, record, type Recorded } from './support/sessions.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

/** A session that was welcomed is at the first of its addresses: nothing made it try another. */
const expectAtFirst = (recorded: Recorded) => expect(recorded.of('state')).toEqual([{ state: 'open' }]);

describe('a session in parley.v1', () => {
  it('is welcomed, sees who comes, and gets what they send with its sender and number', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: one.url });
    const welcome = await a.until('welcome');
    expect(welcome).toMatchObject({ roomId, recovered: false, isReturn: false, members: [] });
    expect(a.session).toMatchObject({ state: 'open', dialect: 'parley.v1', memberId: welcome.memberId });

    const b = record({ roomId, signalingUrl: other.url });
    const { memberId, members } = await b.until('welcome');
    expect(members.map((each) => each.memberId)).toEqual([welcome.memberId]);
    expect((await a.until('peer-joined')).memberId).toBe(memberId);
    expect([...a.session.members.keys()]).toEqual([memberId]);

    for (const n of [1, 2, 3]) expect(b.session.send(numbered(n))).toBe('sent');
    await a.until('message', 3);
    expect(a.of('message').map(({ from, seq }) => [from, seq])).toEqual([1, 2, 3].map((n) => [memberId, n]));

    b.session.close();
    expect((await a.until('peer-disconnected')).memberId).toBe(memberId);
    expect(b.of('closed')).toEqual([{ reason: 'closed' }]);
  });

  it('sends what it was given before it was connected, in the tick of open and in order', async () => {
    const { url } = await stack.start('signaling');
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: url });
    await a.until('welcome');
    const b = record({ roomId, signalingUrl: url });
    for (let n = 1; n <= 20; n += 1) expect(b.session.send(numbered(n))).toBe('waiting');
    await a.until('message', 20);
    expect(numbersOf(a)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('sends to one member alone', async () => {
    const { url } = await stack.start('signaling', { ROOM_CAPACITY: '3' });
    const roomId = uniqueId('room');
    const enter = () => record({ roomId, signalingUrl: url });
    const [a, b, c] = [enter(), enter(), enter()];
    await Promise.all([a, b, c].map((each) => each.until('welcome')));
    c.session.send(numbered(1), { to: a.session.memberId });
    c.session.send(numbered(2));
    await a.until('message', 2);
    await b.until('message', 1);
    expect(numbersOf(b)).toEqual([2]);
  });

  it('comes back at once after a cut, as the same member, and nothing is lost or told twice, either way', async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: url });
    const b = record({ roomId, signalingUrl: proxy.url });
    await Promise.all([a.until('welcome'), b.until('welcome')]);
    const { memberId } = b.session;

    let n = 0;
    const talk = () => {
      n += 1;
      a.session.send(numbered(n));
      b.session.send(numbered(n));
    };
    for (let cuts = 1; cuts <= 3; cuts += 1) {
      for (let i = 0; i < 10; i += 1) talk();
      proxy.reset();
      for (let i = 0; i < 10; i += 1) talk();
      const back = await b.until('welcome', cuts + 1);
      expect(back).toMatchObject({
        isReturn: true,
        isSameMember: true,
        recovered: true,
        uncertain: [],
        memberId,
      });
    }
    const expected = Array.from({ length: n }, (_, i) => i + 1);
    await waitFor(() => a.of('message').length >= n && b.of('message').length >= n, 'all messages came');
    expect(numbersOf(a)).toEqual(expected);
    expect(numbersOf(b)).toEqual(expected);
    expect(a.of('peer-disconnected')).toEqual([]);
    await proxy.stop();
  });

  it('says that messages wait while there is no connection, and refuses them when too many do', async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    const a = record({ roomId: uniqueId('room'), signalingUrl: proxy.url }, { outbox: { maxMessages: 10 } });
    await a.until('welcome');
    await proxy.cut();
    await waitFor(() => a.session.state === 'waiting', 'the cut is noticed');
    const outcomes = Array.from({ length: 12 }, (_, n) => a.session.send(numbered(n)));
    expect(outcomes).toEqual([...Array.from({ length: 10 }, () => 'waiting'), 'refused', 'refused']);
    await proxy.stop();
  });

  it('says what nobody can know, when its place is gone: what was under way is not sent again, what waited is', async () => {
    const { url } = await stack.start('signaling', { RESUME_GRACE_SECONDS: '1' });
    const proxy = await startTcpProxy(url);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: url });
    const b = record({ roomId, signalingUrl: proxy.url });
    await Promise.all([a.until('welcome'), b.until('welcome')]);
    const { memberId } = b.session;
    b.session.send(numbered(1));
    await a.until('message');
    proxy.stall();
    expect(b.session.send(numbered(2))).toBe('sent');
    await proxy.cut();
    proxy.resume();
    await waitFor(() => b.session.state === 'waiting', 'the cut is noticed');
    expect(b.session.send(numbered(3))).toBe('waiting');
    expect((await a.until('peer-disconnected')).memberId).toBe(memberId);
    await proxy.restore();
    const back = await b.until('welcome', 2);
    expect(back).toMatchObject({ isReturn: true, isSameMember: false, recovered: false });
    expect(back.uncertain).toEqual([numbered(1), numbered(2)]);
    await a.until('message', 2);
    expect(numbersOf(a)).toEqual([1, 3]);
    expect(a.of('message')[1]).toMatchObject({ from: b.session.memberId, seq: 1 });
    await proxy.stop();
  });

  it('notices a connection that hangs, and resumes on another instance', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const proxy = await startTcpProxy(one.url);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: other.url });
    const b = record(
      { roomId, signalingUrl: [proxy.url, other.url] },
      { liveness: { quietMs: 300, answerMs: 300 } },
    );
    const { memberId } = await b.until('welcome');
    expectAtFirst(b);
    await a.until('welcome');
    proxy.stall();
    for (const n of [1, 2, 3]) a.session.send(numbered(n));
    b.session.send(numbered(4));
    const back = await b.until('welcome', 2);
    expect(back).toMatchObject({ memberId, recovered: true });
    await b.until('message', 3);
    await a.until('message', 1);
    expect(numbersOf(b)).toEqual([1, 2, 3]);
    expect(numbersOf(a)).toEqual([4]);
    await proxy.stop();
  });

  it('keeps a silent connection that answers', async () => {
    const { url } = await stack.start('signaling');
    const a = record(
      { roomId: uniqueId('room'), signalingUrl: url },
      { liveness: { quietMs: 50, answerMs: 5_000 } },
    );
    await a.until('welcome');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(a.of('welcome')).toHaveLength(1);
    expect(a.of('error')).toEqual([]);
    expect(a.session.state).toBe('open');
  });

  it('resumes on another instance when its own is killed', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: other.url });
    await a.until('welcome');
    const b = record({ roomId, signalingUrl: [one.url, other.url] });
    const { memberId } = await b.until('welcome');
    expectAtFirst(b);
    await a.until('peer-joined');
    a.session.send(numbered(1));
    await b.until('message');
    void one.stop('SIGKILL');
    await waitFor(() => b.of('state').some(({ state }) => state === 'waiting'), 'the kill is noticed');
    a.session.send(numbered(2));
    b.session.send(numbered(3));
    expect(await b.until('welcome', 2)).toMatchObject({ memberId, isSameMember: true, recovered: true });
    await b.until('message', 2);
    await a.until('message', 1);
    expect(numbersOf(b)).toEqual([1, 2]);
    expect(numbersOf(a)).toEqual([3]);
    expect(a.of('peer-disconnected')).toEqual([]);
  });

  it('goes elsewhere when its instance drains, when it was asked to', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    const roomId = uniqueId('room');
    const a = record({ roomId, signalingUrl: other.url });
    await a.until('welcome');
    const b = record({ roomId, signalingUrl: [one.url, other.url] });
    const { memberId } = await b.until('welcome');
    expectAtFirst(b);
    void one.stop('SIGTERM');
    expect(await b.until('welcome', 2)).toMatchObject({ memberId, recovered: true });
    expect(a.of('peer-disconnected')).toEqual([]);
  });
});
