import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '@parley/testkit';
import { attach, watchRoom } from '../src/index.js';
import { Heartbeats } from '../src/host/heartbeats.js';
import { Peers } from '../src/host/peers.js';
import { IceKeeper } from '../src/session/ice-keeper.js';
import { recordHost } from './support/hosts.js';
import { startHttp } from './support/http.js';
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

describe('a token that does not come', () => {
  it('is asked for again, and one that comes too late opens no second connection', async () => {
    const { url, visits } = await startScripted(() => ({}));
    const late: ((token: string) => void)[] = [];
    const token = () => (late.length < 2 ? new Promise<string>((resolve) => late.push(resolve)) : 'third');
    const a = record({ roomId: 'r', signalingUrl: url, token }, { connectTimeoutMs: 100 });
    await a.until('welcome');
    for (const resolve of late) resolve('late');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([late.length, visits.length]).toEqual([2, 1]);
  });

  it('opens no connection for a session that was closed meanwhile', async () => {
    const { url, visits } = await startScripted(() => ({}));
    let resolve: (token: string) => void = () => {};
    const token = () => new Promise<string>((done) => (resolve = done));
    const a = record({ roomId: 'r', signalingUrl: url, token });
    await new Promise((done) => setTimeout(done, 10));
    a.session.close();
    resolve('late');
    await new Promise((done) => setTimeout(done, 100));
    expect([visits.length, a.of('closed')]).toEqual([0, [{ reason: 'closed' }]]);
  });
});

describe('STUN and TURN servers', () => {
  const old = [
    { urls: 'turn:127.0.0.1', username: `${Math.floor(Date.now() / 1000) + 3_600}:a`, credential: 'b' },
  ];

  it('are renewed at once when their time has passed while the machine slept, and asked for once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let asked = 0;
    const refresh = () => Promise.resolve({ iceServers: [{ urls: 'stun:fresh' }], asked: (asked += 1) });
    const keeper = new IceKeeper(
      old,
      refresh,
      () => {},
      () => {},
    );
    onTestFinished(() => keeper.stop());
    keeper.check();
    expect(asked).toBe(0);
    vi.setSystemTime(Date.now() + 7_200_000);
    keeper.check();
    keeper.check();
    await waitFor(() => keeper.servers[0]?.urls === 'stun:fresh', 'they are renewed');
    expect(asked).toBe(1);
  });

  it('stay what they are where the answer is none', async () => {
    const past = [{ ...old[0], urls: 'turn:127.0.0.1', username: `${Math.floor(Date.now() / 1000) + 1}:a` }];
    const failures: unknown[] = [];
    const answer = {} as never;
    const keeper = new IceKeeper(
      past,
      () => Promise.resolve(answer),
      () => {},
      (error) => failures.push(error),
    );
    onTestFinished(() => keeper.stop());
    await waitFor(() => failures.length > 0, 'it is told');
    expect(keeper.servers).toBe(past);
  });
});

describe('a matchmaker', () => {
  it.each([[0], [-1], [Number.NaN], [1e12], ['soon']])(
    'cannot make a host beat without a pause: ttl %s',
    async (ttl) => {
      let beats = 0;
      const heartbeats = new Heartbeats({
        send: () => Promise.resolve({ success: true, ttl: ttl as number, beat: (beats += 1) }),
        accepted: () => {},
        failed: () => {},
      });
      onTestFinished(() => heartbeats.stop());
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(beats).toBe(1);
    },
  );

  it('that hangs costs a host one heartbeat, and not its life', async () => {
    let asked = 0;
    const matchmakerUrl = await startHttp((_request, response) => {
      asked += 1;
      if (asked > 1) response.end('{"success":true,"ttl":30}');
    });
    const server = recordHost({ matchmakerUrl, hostSecret: 's', address: '127.0.0.1:1', heartbeatMs: 500 });
    await server.until('ready', 1, 5_000);
    expect(server.of('error')).toMatchObject([{ code: 'timeout' }]);
  });

  it.each([401, 403, 503])('that answers %i is asked again, and its host goes on', async (status) => {
    let asked = 0;
    const matchmakerUrl = await startHttp((_request, response) => {
      asked += 1;
      response.statusCode = asked <= 2 ? status : 200;
      response.end('{"success":true,"ttl":30}');
    });
    const server = recordHost({ matchmakerUrl, hostSecret: 's', address: '127.0.0.1:1', heartbeatMs: 200 });
    await server.until('ready');
    expect(server.of('error')).toMatchObject([{ status }, { status }]);
  });
});

describe('a host', () => {
  it('is told what making a connection threw, and answers the next one', async () => {
    const { url, visits } = await startScripted(() => ({ members: [{ memberId: '~b' }] }));
    const a = record({ roomId: 'r', signalingUrl: url });
    await a.until('welcome');
    const failures: unknown[] = [];
    const joined: unknown[] = [];
    const peers = new Peers(a.session, {
      createPeer: () => {
        if (failures.length === 0) throw new Error('no camera');
        return createPeer();
      },
      joined: ({ memberId }) => joined.push(memberId),
      left: () => {},
      failed: (error) => failures.push(error),
    });
    onTestFinished(() => peers.close());
    for (const seq of [1, 2]) visits[0]?.say({ type: 'offer', sdp: 'v=0', from: '~b', seq });
    await waitFor(() => joined.length > 0, 'the second is answered');
    expect(failures[0]).toMatchObject({ message: 'no camera' });
    expect(joined).toEqual(['~b']);
  });
});

describe('a gateway', () => {
  it('cannot make a watcher come back without a pause, and its nonsense is left out', async () => {
    let asked = 0;
    const gatewayUrl = await startHttp((_request, response) => {
      asked += 1;
      response.setHeader('content-type', 'text/event-stream');
      response.write('retry: 0\n\nevent: assigned\nid: 1-1\ndata: {"at":1}\n\n');
      response.end('event: migrated\nid: 2-1\ndata: {nonsense\n\n');
    });
    const abort = new AbortController();
    const types: string[] = [];
    const done = (async () => {
      for await (const { type } of watchRoom(gatewayUrl, 'r', { signal: abort.signal })) types.push(type);
    })().catch(() => {});
    await waitFor(() => asked > 1, 'it comes back');
    await new Promise((resolve) => setTimeout(resolve, 500));
    abort.abort();
    await done;
    expect(types).toEqual(['assigned']);
    expect(asked).toBeLessThan(30);
  });
});
