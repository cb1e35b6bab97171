import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '@parley/testkit';
import { attach } from '../src/index.js';
import { createPeer } from './support/peer.js';
import { startPlainServer } from './support/plain-server.js';
import { startScripted } from './support/scripted-server.js';
import { numbered, numbersOf, record } from './support/sessions.js';

/** No server of ours says any of it. */
const NONSENSE = [
  '',
  'nothing',
  '0',
  'null',
  '[]',
  '[{"type":"welcome"}]',
  '{}',
  '{"type":null}',
  '{"type":["offer"]}',
  '{"type":"constructor"}',
  '{"type":"__proto__","__proto__":{"polluted":true}}',
  '{"__proto__":{"polluted":true},"type":"control","action":"room-migrated","payload":{"__proto__":{"polluted":true}}}',
  '{"type":"welcome"}',
  '{"type":"welcome","memberId":"~b","resumeToken":"~b.t","members":"all"}',
  '{"type":"welcome","memberId":"~b","resumeToken":"~b.t","members":[null]}',
  '{"type":"welcome","memberId":"~b","resumeToken":"~b.t","members":[{"memberId":7}]}',
  '{"type":"welcome","memberId":{},"resumeToken":"~b.t","members":[]}',
  '{"type":"welcome","memberId":"~b","resumeToken":[],"members":[]}',
  '{"type":"peer-joined","memberId":{"a":1}}',
  '{"type":"peer-away","memberId":[]}',
  '{"type":"chat","from":7,"text":"hello"}',
  '{"type":"chat","from":"~b","text":{"toString":"x"}}',
  '{"type":"user-joined","userId":7}',
  '{"type":"error","code":7,"detail":[]}',
  '{"type":"offer","from":"~b","seq":"9"}',
  '{"type":"offer","from":"~b","seq":1e400}',
  '{"type":"offer","from":[],"seq":1,"sdp":"v=0"}',
  '{"type":"offer","from":"~b","sdp":{"a":1}}',
  '{"type":"answer","from":"~b","sdp":null}',
  '{"type":"candidate","from":"~b","candidate":{"candidate":{"candidate":7}},"sdpMid":[]}',
  '{"type":"ice-candidate","from":"~b","candidate":null,"usernameFragment":{}}',
  `{"type":"typing","from":"~b","state":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
];

describe('a server that says what no server says', () => {
  it('changes nothing, and ends nothing', async () => {
    const { url, visits } = await startScripted(() => ({}));
    const a = record({ roomId: 'r', signalingUrl: url });
    const errors: unknown[] = [];
    attach(createPeer(), a.session, { initiator: false, onError: (error) => errors.push(error) });
    await a.until('welcome');
    for (const text of NONSENSE) visits[0]?.socket.send(text);
    visits[0]?.say({ type: 'offer', sdp: 'x'.repeat(2_000_000), from: '~b', seq: 1 });
    visits[0]?.say({ ...numbered(1), from: '~b', seq: 2 });
    await waitFor(() => numbersOf(a).includes(1), 'what is sound arrives');
    for (const event of ['chat', 'error', 'typing', 'user-joined', 'peer-joined', 'peer-away'] as const)
      expect(a.of(event)).toEqual([]);
    expect(a.of('welcome')).toHaveLength(1);
    expect(a.session.memberId).toBe('~a');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    visits[0]?.socket.terminate();
    await waitFor(() => visits[1]?.messages.length, 'it resumes');
    expect(visits[1]?.messages[0]).toEqual({ type: 'resume', seen: { '~b': 2 } });
  });

  it('is left where its welcome is none, and asked again', async () => {
    const { url } = await startScripted((visit) => (visit === 0 ? { members: null } : {}));
    const a = record({ roomId: 'r', signalingUrl: url }, { connectTimeoutMs: 200 });
    await a.until('welcome');
    expect(a.of('state').map(({ state }) => state)).toEqual(['waiting', 'connecting', 'open']);
  });

  it.each([['soon'], [-5], [{}], [1e15]])('does not say when to come back: %j', async (retryAfterMs) => {
    const { url, visits } = await startScripted(() => ({}));
    const a = record({ roomId: 'r', signalingUrl: url });
    await a.until('welcome');
    visits[0]?.say({ type: 'draining', retryAfterMs });
    visits[0]?.socket.close(1012, 'Server draining');
    const waits = () => a.of('state').flatMap(({ retryInMs = [] }) => retryInMs);
    await waitFor(() => waits().length > 0, 'it has gone');
    expect(waits()[0]).toBeGreaterThanOrEqual(0);
    expect(waits()[0]).toBeLessThanOrEqual(60_000);
  });

  it('brings no news as somebody who has left', async () => {
    const { url, visits } = await startScripted(() => ({}));
    const a = record({ roomId: 'r', signalingUrl: url });
    await a.until('welcome');
    const news = { type: 'control', action: 'room-assigned', payload: { roomId: 'theirs' } };
    visits[0]?.say({ ...news, from: '~gone', seq: 1 });
    visits[0]?.say({ ...news, payload: { roomId: 'ours' } });
    await a.until('message', 2);
    expect(a.of('assigned')).toEqual([{ roomId: 'ours' }]);
  });
});

describe('a member of a room in the plain dialect', () => {
  it('cannot speak as a server of parley.v1', async () => {
    const { url } = await startPlainServer();
    const a = record({ roomId: 'r', signalingUrl: url });
    await a.until('plain');
    const other = new WebSocket(url);
    onTestFinished(() => other.terminate());
    other.on('open', () => {
      const welcome = { type: 'welcome', memberId: '~x', resumeToken: '~x.t', members: [] };
      const draining = { type: 'draining', retryAfterMs: 60_000 };
      const error = { type: 'error', code: 'unavailable', detail: '' };
      for (const each of [welcome, draining, error, numbered(1)]) other.send(JSON.stringify(each));
    });
    await a.until('message');
    expect(numbersOf(a)).toEqual([1]);
    expect([a.session.memberId, a.of('welcome'), a.of('error')]).toEqual([undefined, [], []]);
  });
});

describe('what is kept for a connection that is lost', () => {
  it.each([
    ['messages', { maxMessages: 3 }],
    ['size', { maxChars: 140 }],
  ])('is bounded by %s, and what is forgotten before the server took it is told', async (_, outbox) => {
    const { url, visits } = await startScripted((visit) => ({ received: 0, recovered: visit > 0 }));
    const a = record({ roomId: 'r', signalingUrl: url }, { outbox });
    await a.until('welcome');
    for (let n = 1; n <= 10; n += 1) expect(a.session.send(numbered(n))).toBe('sent');
    expect(a.session.send({ ...numbered(11), payload: 'x'.repeat(2_000_000) })).toBe('refused');
    visits[0]?.socket.terminate();
    expect(await a.until('welcome', 2)).toMatchObject({ isSameMember: true, recovered: false });
    expect(a.of('error')).toMatchObject([{ code: 'messages-lost' }]);
    await waitFor(() => visits[1]?.messages.some(({ payload }) => payload === 10), 'the last is sent again');
    const again = (visits[1]?.messages ?? []).flatMap(({ type, payload }) =>
      type === 'control' ? payload : [],
    );
    expect(again).toEqual([8, 9, 10]);
  });
});
