import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { record } from './support/sessions.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

describe('a session that is refused', () => {
  it.each([
    ['a room id that is none', { roomId: 'no room' }, {}, 'invalidRoomId', 1008],
    ['no token', { roomId: 'r' }, { ENABLE_AUTH: 'true', JWT_SECRET: 'x'.repeat(32) }, 'unauthorized', 1008],
  ] as const)('ends with a reason by name: %s', async (_what, where, env, reason, code) => {
    const { url } = await stack.start('signaling', env);
    const a = record({ ...where, signalingUrl: url });
    expect(await a.until('closed')).toMatchObject({ reason, code });
    expect(a.session.state).toBe('closed');
    expect(a.session.send({ type: 'ping' })).toBe('refused');
  });

  it('ends when the room is full of others', async () => {
    const { url } = await stack.start('signaling', { ROOM_CAPACITY: '1' });
    const roomId = uniqueId('room');
    await record({ roomId, signalingUrl: url }).until('welcome');
    const late = record({ roomId, signalingUrl: url });
    expect(await late.until('closed')).toMatchObject({ reason: 'roomFull', text: 'Room is full' });
  });

  it('comes in as soon as it can where it is to come later, in the same dialect', async () => {
    const { url } = await stack.start('signaling', {
      RATE_LIMIT_CONN_PER_10S: '1',
      REDIS_KEY_PREFIX: uniqueId('own'),
    });
    await record({ roomId: uniqueId('room'), signalingUrl: url }).until('welcome');
    const late = record({ roomId: uniqueId('room'), signalingUrl: url });
    late.session.send({ type: 'ping' });
    await late.until('welcome', 1, 25_000);
    expect(late.of('state').filter(({ state }) => state === 'waiting').length).toBeGreaterThan(1);
    expect(late.session.dialect).toBe('parley.v1');
    expect(late.of('plain')).toEqual([]);
  });

  it('asks for a token before each try, and ends when there is none', async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    let asked = 0;
    const token = () => {
      asked += 1;
      if (asked > 1) throw new Error('signed out');
      return 'first';
    };
    const a = record({ roomId: uniqueId('room'), signalingUrl: proxy.url, token });
    await a.until('welcome');
    proxy.reset();
    expect(await a.until('closed')).toEqual({ reason: 'no-token', text: 'Error: signed out' });
    await proxy.stop();
  });

  it('gives up after a time, where it is told to', async () => {
    const proxy = await startTcpProxy('127.0.0.1:1');
    await proxy.cut();
    const where = { roomId: 'r', signalingUrl: `ws://${proxy.url}` };
    const a = record(where, { giveUpAfterMs: 500 });
    expect(await a.until('closed')).toMatchObject({ reason: 'gave-up', code: 1006 });
    expect(a.of('state').filter(({ state }) => state === 'connecting').length).toBeGreaterThan(1);
  });

  it('ends with its signal, whatever it is doing, and leaves nothing running', async () => {
    const { url } = await stack.start('signaling');
    const abort = new AbortController();
    const open = record({ roomId: uniqueId('room'), signalingUrl: url }, { signal: abort.signal });
    const trying = record({ roomId: 'r', signalingUrl: 'ws://127.0.0.1:1' }, { signal: abort.signal });
    await open.until('welcome');
    await waitFor(() => trying.session.state === 'waiting', 'a try failed');
    abort.abort();
    for (const each of [open, trying]) expect(each.of('closed')).toEqual([{ reason: 'aborted' }]);
    const late = record({ roomId: 'r', signalingUrl: url }, { signal: abort.signal });
    expect(await late.until('closed')).toEqual({ reason: 'aborted' });
  });
});
