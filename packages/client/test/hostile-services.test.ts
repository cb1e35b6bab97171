import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { waitFor } from '@parley/testkit';
import { watchRoom } from '../src/index.js';
import { Heartbeats } from '../src/host/heartbeats.js';
import { Peers } from '../src/host/peers.js';
import { IceKeeper } from '../src/session/ice-keeper.js';
import { recordHost } from './support/hosts.js';
import { startHttp } from './support/http.js';
import { createPeer } from './support/peer.js';
import { startScripted } from './support/scripted-server.js';
import { record } from './support/sessions.js';

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
