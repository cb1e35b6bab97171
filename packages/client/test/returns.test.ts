import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { attach, type WebSocketClass } from '../src/index.js';
import { recordHost } from './support/hosts.js';
import { createPeer, echo, forgetCertificate, opened, roundTrip } from './support/peer.js';
import { startScripted } from './support/scripted-server.js';
import { useStack } from './support/services.js';
import { numbered, numbersOf, record } from './support/sessions.js';

const redis = useRedis();
const stack = useStack(redis);

/** A room of which one member is away while another one leaves and a third one comes. */
async function changeBehind() {
  const { url } = await stack.start('signaling');
  const proxy = await startTcpProxy(url);
  onTestFinished(() => proxy.stop());
  const roomId = uniqueId('room');
  const enter = (signalingUrl = url) => record({ roomId, signalingUrl });
  const host = enter(proxy.url);
  await host.until('welcome');
  const first = enter();
  await host.until('peer-joined');
  return {
    host,
    first,
    change: async () => {
      await proxy.cut();
      await first.until('peer-away');
      first.session.send(numbered(1));
      first.session.close();
      await waitFor(() => first.session.state === 'closed', 'it has left');
      const next = enter();
      await waitFor(
        async () =>
          (await next.until('welcome')).members.every(({ memberId }) => memberId !== first.session.memberId),
        'the first one is gone',
      );
      next.session.send(numbered(2));
      await proxy.restore();
      expect(await host.until('welcome', 2)).toMatchObject({ recovered: true, isSameMember: true });
      return next;
    },
  };
}

describe('a session that was away and missed nothing', () => {
  it('is told who left and who came meanwhile, once, and what they said', async () => {
    const { host, first, change } = await changeBehind();
    const next = await change();
    await host.until('message', 2);
    const left = first.session.memberId;
    const came = next.session.memberId;
    expect(host.of('peer-disconnected')).toEqual([{ memberId: left }]);
    expect(host.of('peer-joined').map(({ memberId }) => memberId)).toEqual([left, came]);
    expect([...host.session.members.keys()]).toEqual([came]);
    expect(numbersOf(host)).toEqual([1, 2]);
    next.session.send(numbered(3));
    await host.until('message', 3);
    expect(host.of('peer-disconnected')).toHaveLength(1);
  });

  it('has an attached connection listen to the next caller', async () => {
    const { host, first, change } = await changeBehind();
    const attachment = attach(createPeer(), host.session, { initiator: false });
    attachment.peer = first.session.memberId;
    const next = await change();
    await waitFor(() => attachment.peer === undefined, 'its peer is gone');
    const caller = createPeer();
    attach(caller, next.session, { initiator: true });
    const channel = caller.createDataChannel('echo');
    await opened(channel);
    expect(attachment.peer).toBe(next.session.memberId);
  });

  it('has a host play with who came while it was away', async () => {
    const signaling = await stack.start('signaling');
    const matchmaker = await stack.start('matchmaker', { SIGNALING_PUBLIC_URL: signaling.url });
    const proxy = await startTcpProxy(signaling.url);
    onTestFinished(() => proxy.stop());
    const host = recordHost({
      matchmakerUrl: matchmaker.url,
      signalingUrl: proxy.url,
      hostSecret: stack.hostSecret,
      region: uniqueId('region'),
      createPeer: () => echo(createPeer()),
    });
    const { roomId } = await host.until('ready');
    const play = () => {
      const player = record({ roomId, signalingUrl: signaling.url });
      const pc = createPeer();
      attach(pc, player.session, { initiator: true });
      return { player, pc, channel: opened(pc.createDataChannel('echo')) };
    };
    const first = play();
    await roundTrip(await first.channel, 'one');
    await proxy.cut();
    await first.player.until('peer-away');
    first.player.session.close();
    await first.pc.close();
    forgetCertificate();
    const second = play();
    await second.player.until('welcome');
    await proxy.restore();
    await roundTrip(await second.channel, 'two');
    expect(host.of('peer').map(({ memberId }) => memberId)).toContain(second.player.session.memberId);
  });
});

describe('a message that the server refuses by its number', () => {
  it('is handed back with the error, and not sent again', async () => {
    const server = await startScripted(() => ({ received: 0 }));
    const a = record({ roomId: 'r', signalingUrl: server.url });
    await a.until('welcome');
    a.session.chat('hello?');
    a.session.send(numbered(2));
    await waitFor(() => server.visits[0]?.messages.length === 2, 'both were sent');
    server.visits[0]?.say({ type: 'error', code: 'unavailable', detail: 'chat: …', seq: 1 });
    expect(await a.until('error')).toEqual({
      code: 'unavailable',
      detail: 'chat: …',
      message: { type: 'chat', text: 'hello?' },
    });
    server.visits[0]?.socket.terminate();
    // The server says that it has taken none.
    await a.until('welcome', 2);
    await waitFor(() => server.visits[1]?.messages.length === 2, 'what comes after the resume');
    expect(server.visits[1]?.messages.slice(1)).toMatchObject([{ seq: 2, payload: 2 }]);
  });
});

describe('a session whose server cannot tell what it took', () => {
  it('sends nothing of that again, and says so', async () => {
    const server = await startScripted((visit) => (visit === 0 ? { received: 0 } : {}));
    const a = record({ roomId: 'r', signalingUrl: server.url });
    await a.until('welcome');
    a.session.send(numbered(1));
    await waitFor(() => server.visits[0]?.messages.length === 1, 'it was sent');
    a.session.once('state', () => a.session.send(numbered(2)));
    server.visits[0]?.socket.terminate();
    expect(await a.until('welcome', 2)).toMatchObject({ isSameMember: true, uncertain: [numbered(1)] });
    await waitFor(() => server.visits[1]?.messages.length === 2, 'what waited was sent');
    expect(server.visits[1]?.messages).toEqual([
      { type: 'resume', seen: {} },
      { ...numbered(2), seq: 2 },
    ]);
  });
});

describe('a session that asks for a sign', () => {
  it('takes nothing for it that is meant for the page', async () => {
    const server = await startScripted(() => ({ received: 0 }));
    const a = record(
      { roomId: 'r', signalingUrl: server.url },
      { liveness: { quietMs: 50, answerMs: 5_000 } },
    );
    await waitFor(() => server.visits[0]?.messages.length === 1, 'it asks');
    const says = (message: object) => server.visits[0]?.say(message);
    const error = { type: 'error', code: 'invalid-message' };
    says({ type: 'control', action: 'schema-error', from: '~b', seq: 1 });
    says({ ...error, detail: 'sdp: expected string' });
    says({ ...error, detail: 'type: Invalid discriminator value' });
    says(numbered(1));
    await a.until('message', 2);
    expect(a.of('message')).toMatchObject([{ action: 'schema-error' }, { payload: 1 }]);
    expect(a.of('error')).toMatchObject([{ detail: 'sdp: expected string' }]);
  });
});

describe('a page that wakes up', () => {
  /** Stands for a browser's window, which Node has not. */
  function openWindow(): EventTarget {
    const page = new EventTarget();
    Object.assign(globalThis, {
      addEventListener: page.addEventListener.bind(page),
      removeEventListener: page.removeEventListener.bind(page),
    });
    onTestFinished(() => {
      for (const name of ['addEventListener', 'removeEventListener'])
        Reflect.deleteProperty(globalThis, name);
    });
    return page;
  }

  const slow = { backoff: { firstMs: 3_600_000, maxMs: 3_600_000 } };
  const tries = (of: ReturnType<typeof record>) =>
    of.of('state').filter(({ state }) => state === 'connecting').length;

  it('comes back at once where the network was to blame, when it is online', async () => {
    const page = openWindow();
    const a = record({ roomId: 'r', signalingUrl: 'ws://127.0.0.1:1' }, slow);
    const isWaiting = () => a.of('state').at(-1)?.state === 'waiting';
    await waitFor(() => isWaiting() && tries(a) >= 1, 'a long wait has begun');
    const before = tries(a);
    page.dispatchEvent(new Event('offline'));
    expect(tries(a)).toBe(before);
    page.dispatchEvent(new Event('online'));
    expect(tries(a)).toBe(before + 1);
  });

  it('waits for as long as a server asked it to', async () => {
    const page = openWindow();
    const server = await startScripted(() => ({ received: 0 }));
    const a = record({ roomId: 'r', signalingUrl: server.url }, slow);
    await a.until('welcome');
    server.visits[0]?.say({ type: 'draining', retryAfterMs: 3_600_000 });
    server.visits[0]?.socket.close(1012, 'Server draining');
    await waitFor(() => a.session.state === 'waiting', 'it waits');
    page.dispatchEvent(new Event('online'));
    expect(a.session.state).toBe('waiting');
  });
});

describe('a URL that WebSocket does not take', () => {
  it.each([
    ['a fragment', 'ws://127.0.0.1:1/#x'],
    ['no URL', 'nowhere'],
  ])('ends the session with a reason, and nothing else happens: %s', async (_, signalingUrl) => {
    for (const token of ['secret', () => Promise.resolve('secret')]) {
      const a = record({ roomId: 'r', signalingUrl, token }, { connectTimeoutMs: 50 });
      const closed = await a.until('closed');
      expect(closed.reason).toBe('bad-url');
      expect(closed.text).toContain(signalingUrl);
      expect(closed.text).not.toContain('secret');
      // Longer than the time for a connection, which has none to give up.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(a.session.state).toBe('closed');
    }
  });
});

describe('two sessions with one token, as of a page that was duplicated', () => {
  it('do not fight: the later one has the place, and the earlier one ends', async () => {
    const { url } = await stack.start('signaling');
    const roomId = uniqueId('room');
    let token = '';
    let connections = 0;
    class Original extends WebSocket {
      constructor(...args: ConstructorParameters<WebSocketClass>) {
        super(...args);
        connections += 1;
        this.on('message', (data) => {
          token = (JSON.parse((data as Buffer).toString()) as { resumeToken?: string }).resumeToken ?? token;
        });
      }
    }
    class Duplicate extends WebSocket {
      constructor(address: string, protocols?: string[]) {
        super(`${address}&resume=${encodeURIComponent(token)}`, protocols);
        connections += 1;
        this.on('open', () => this.send('{"type":"resume","seen":{}}'));
      }
    }
    const a = record({ roomId, signalingUrl: url }, { WebSocket: Original as unknown as WebSocketClass });
    const { memberId } = await a.until('welcome');
    const b = record({ roomId, signalingUrl: url }, { WebSocket: Duplicate as unknown as WebSocketClass });
    expect((await b.until('welcome')).memberId).toBe(memberId);
    expect(await a.until('closed')).toMatchObject({ reason: 'resumedElsewhere', code: 1000 });
    // Longer than any of their waits.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(b.session.state).toBe('open');
    expect(connections).toBe(2);
  });
});
