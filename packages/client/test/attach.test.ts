import { describe, expect, it } from 'vitest';
import { startTcpProxy, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { attach } from '../src/index.js';
import { createPeer, echo, opened, roundTrip } from './support/peer.js';
import { startPlainServer } from './support/plain-server.js';
import { startScripted } from './support/scripted-server.js';
import { record } from './support/sessions.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

const restarts = (sdps: readonly (string | undefined)[]) =>
  new Set(sdps.map((sdp) => /a=ice-ufrag:(\S+)/.exec(sdp ?? '')?.[1])).size;

describe('two attached connections', () => {
  it('find each other through two instances, the caller first or last', async () => {
    const [one, other] = await Promise.all([stack.start('signaling'), stack.start('signaling')]);
    for (const callerFirst of [true, false]) {
      const roomId = uniqueId('room');
      const call = () => {
        const { session } = record({ roomId, signalingUrl: one.url });
        const pc = createPeer();
        attach(pc, session, { initiator: true });
        return opened(pc.createDataChannel('echo'));
      };
      const first = callerFirst ? call() : undefined;
      if (first) await new Promise((resolve) => setTimeout(resolve, 300));
      const host = record({ roomId, signalingUrl: other.url });
      attach(echo(createPeer()), host.session, { initiator: false });
      await host.until('welcome');
      await roundTrip(await (first ?? call()), 'hello');
    }
  });

  it('find each other when both offer at once', async () => {
    const { url } = await stack.start('signaling');
    const roomId = uniqueId('room');
    const [a, b] = [record({ roomId, signalingUrl: url }), record({ roomId, signalingUrl: url })];
    await Promise.all([a.until('welcome'), b.until('welcome')]);
    await Promise.all(
      [a, b].map(({ session }) => waitFor(() => session.members.size, 'both know each other')),
    );
    const [left, right] = [echo(createPeer()), echo(createPeer())];
    const errors: unknown[] = [];
    attach(left, a.session, { onError: (error) => errors.push(error) });
    attach(right, b.session, { onError: (error) => errors.push(error) });
    const channels = [left.createDataChannel('one'), right.createDataChannel('other')];
    for (const channel of await Promise.all(channels.map(opened))) await roundTrip(channel, 'hello');
    expect(errors).toEqual([]);
  });

  it('keep talking while signaling is cut, and negotiate when it is back', async () => {
    const { url } = await stack.start('signaling');
    const proxy = await startTcpProxy(url);
    const roomId = uniqueId('room');
    const [a, b] = [record({ roomId, signalingUrl: proxy.url }), record({ roomId, signalingUrl: url })];
    const pc = createPeer();
    const attachment = attach(pc, a.session, { initiator: true });
    attach(echo(createPeer()), b.session, { initiator: false });
    const channel = await opened(pc.createDataChannel('echo'));
    await a.until('welcome');
    expect(attachment.peer).toBe(b.session.memberId);
    const before = pc.localDescription?.sdp;
    proxy.reset();
    await roundTrip(channel, 'while it was cut');
    await a.until('welcome', 2);
    attachment.restart();
    await waitFor(() => restarts([before, pc.localDescription?.sdp]) === 2, 'new candidates were offered');
    await waitFor(() => pc.signalingState === 'stable', 'they were answered');
    await waitFor(() => pc.connectionState === 'connected', 'the connection stands');
    await roundTrip(channel, 'after the restart');
    await proxy.stop();
  });

  it('restart, and go on, when what was missed cannot be had', async () => {
    const { url } = await stack.start('signaling', { RESUME_GRACE_SECONDS: '1' });
    const proxy = await startTcpProxy(url);
    const roomId = uniqueId('room');
    const [a, b] = [record({ roomId, signalingUrl: proxy.url }), record({ roomId, signalingUrl: url })];
    const pc = createPeer();
    attach(pc, a.session, { initiator: true });
    const host = attach(echo(createPeer()), b.session, { initiator: false });
    const channel = await opened(pc.createDataChannel('echo'));
    await a.until('welcome');
    const before = pc.localDescription?.sdp;
    await proxy.cut();
    await b.until('peer-disconnected', 1, 20_000);
    expect(host.peer).toBeUndefined();
    await roundTrip(channel, 'without any signaling');
    await proxy.restore();
    expect(await a.until('welcome', 2)).toMatchObject({ recovered: false, isSameMember: false });
    await waitFor(() => restarts([before, pc.localDescription?.sdp]) === 2, 'new candidates were offered');
    await waitFor(() => pc.signalingState === 'stable', 'they were answered');
    expect(host.peer).toBe(a.session.memberId);
    await roundTrip(channel, 'after the restart');
    await proxy.stop();
  });

  it('never take the answer to an offer of another connection for the answer to their own', async () => {
    const { url, visits } = await startScripted(() => ({ members: [{ memberId: '~h' }] }));
    const { session } = record({ roomId: 'r', signalingUrl: url });
    const offers = () => (visits[0]?.messages ?? []).filter(({ type }) => type === 'offer');
    const call = async (count: number) => {
      const pc = createPeer();
      const attachment = attach(pc, session, { initiator: true });
      const channel = pc.createDataChannel('echo');
      const sent = await waitFor(() => offers()[count], `offer ${count}`);
      return { pc, channel, attachment, sdp: sent['sdp'] as string };
    };
    const answer = async (sdp: string) => {
      const pc = echo(createPeer());
      await pc.setRemoteDescription({ type: 'offer', sdp });
      await pc.setLocalDescription();
      const mark = /^a=parley:(\S+)/m.exec(sdp)?.[1];
      const answered = pc.localDescription?.sdp.replace('m=', `a=parley-answers:${mark}\r\nm=`);
      visits[0]?.say({ type: 'answer', sdp: answered, from: '~h', seq: 1 });
      return pc;
    };
    const old = await call(0);
    const current = await call(1);
    await answer(old.sdp);
    const host = await answer(current.sdp);
    const candidates = (visits[0]?.messages ?? []).filter(({ type }) => type === 'candidate');
    for (const candidate of candidates) await host.addIceCandidate(candidate as never).catch(() => {});
    await roundTrip(await opened(current.channel), 'with the right one');
    expect(old.pc.signalingState).toBe('have-local-offer');
  });

  it('take the answer to what they have offered when they are attached anew meanwhile', async () => {
    const { url, visits } = await startScripted(() => ({ members: [{ memberId: '~h' }] }));
    const { session } = record({ roomId: 'r', signalingUrl: url });
    const pc = createPeer();
    attach(pc, session, { initiator: true });
    pc.createDataChannel('echo');
    const find = () => visits[0]?.messages.find(({ type }) => type === 'offer');
    const { sdp } = (await waitFor(find, 'the offer')) as { sdp: string };
    attach(pc, session, { initiator: true });
    const host = createPeer();
    await host.setRemoteDescription({ type: 'offer', sdp });
    await host.setLocalDescription();
    const mark = /^a=parley:(\S+)/m.exec(sdp)?.[1];
    const answered = host.localDescription?.sdp.replace('m=', `a=parley-answers:${mark}\r\nm=`);
    visits[0]?.say({ type: 'answer', sdp: answered, from: '~h', seq: 1 });
    await waitFor(() => pc.signalingState === 'stable', 'it is taken');
  });

  it('find each other where nobody has a name', async () => {
    const { url } = await startPlainServer();
    const where = { roomId: 'r', signalingUrl: url };
    const [a, b] = [record(where), record(where)];
    await Promise.all([a.until('plain'), b.until('plain')]);
    const pc = createPeer();
    attach(pc, a.session, { initiator: true });
    attach(echo(createPeer()), b.session, { initiator: false });
    await roundTrip(await opened(pc.createDataChannel('echo')), 'hello');
  });
});
