import { describe, expect, it } from 'vitest';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { startPlainServer } from './support/plain-server.js';
import { numbered, numbersOf, record } from './support/sessions.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

describe('a session with a server that knows no subprotocol', () => {
  it('talks plainly, without numbers, and comes back after a cut', async () => {
    const server = await startPlainServer();
    const where = { roomId: 'r', signalingUrl: server.url };
    const [a, b] = [record(where), record(where)];
    a.session.send(numbered(1));
    await Promise.all([a.until('plain'), b.until('plain')]);
    expect(a.session).toMatchObject({ dialect: 'plain', memberId: undefined, state: 'open' });
    expect(a.session.chat('hello')).toBe('refused');
    expect(a.session.typing('start')).toBe('refused');
    b.session.send(numbered(2), { to: 'nobody' });
    await a.until('message');
    expect(a.of('message')).toEqual([{ ...numbered(2), to: 'nobody' }]);
    server.reset();
    expect(await a.until('plain', 2)).toEqual({ isReturn: true });
    expect(a.of('welcome')).toEqual([]);
  });
});

describe('a session whose server was away for a moment', () => {
  it('does not take it for one that knows no subprotocol', async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    await proxy.cut();
    const a = record({ roomId: uniqueId('room'), signalingUrl: proxy.url });
    const tries = () => a.of('state').filter(({ state }) => state === 'connecting').length;
    // The first try has failed, the next one would go without.
    a.session.once('state', () => void proxy.restore());
    await a.until('welcome');
    expect(tries()).toBeGreaterThan(1);
    expect(a.session.dialect).toBe('parley.v1');
    expect(a.of('plain')).toEqual([]);
    await proxy.stop();
  });
});

describe('a session and a plain member', () => {
  it('understand each other', async () => {
    const { url } = await stack.start('signaling');
    const roomId = uniqueId('room');
    const plain = await openSocket(`${url}/?roomId=${roomId}`);
    const a = record({ roomId, signalingUrl: url });
    a.session.send(numbered(1));
    expect(await plain.next()).toEqual(numbered(1));
    plain.send(numbered(2));
    expect(await a.until('message')).toMatchObject({ payload: 2, from: expect.any(String) as string });
    const [{ memberId } = { memberId: '' }] = (await a.until('welcome')).members;
    await plain.close();
    expect(await a.until('peer-disconnected')).toMatchObject({ memberId });
  });

  it('may be the same: a session that speaks plainly only', async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    const roomId = uniqueId('room');
    const [a, b] = [
      record({ roomId, signalingUrl: url }, { dialect: 'plain' }),
      record(
        { roomId, signalingUrl: proxy.url },
        { dialect: 'plain', liveness: { quietMs: 200, answerMs: 300 } },
      ),
    ];
    await Promise.all([a.until('plain'), b.until('plain')]);
    await waitFor(() => a.session.send(numbered(7)) === 'sent', 'a is open');
    await b.until('message');
    expect(numbersOf(b)).toEqual([7]);
    proxy.stall();
    await waitFor(() => b.session.state === 'connecting', 'the stall is noticed');
    proxy.resume();
    await proxy.stop();
  });
});
