import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RTCPeerConnection } from 'werift';
import { askOnlyNamedServers, createPeer } from '../src/peer.js';
import { startBareServices, type BareServices, type Member } from './bare-services.js';
import { runProgram, type Program } from './program.js';

let services: BareServices;
let host: Program;
const peers: RTCPeerConnection[] = [];
const startHost = (env: Record<string, string> = {}): void => {
  const { signalingUrl: SIGNALING_URL, matchmakerUrl: MATCHMAKER_URL } = services;
  host = runProgram('streaming-host', {
    HOST_ID: 'h1',
    HOST_SECRET: 's3cret',
    SIGNALING_URL,
    MATCHMAKER_URL,
    ...env,
  });
};
beforeEach(async () => {
  services = await startBareServices();
});
afterEach(async () => {
  await host.stop('SIGKILL');
  for (const peer of peers.splice(0)) await peer.close();
  services.close();
});

/** Offers a data channel to the host and resolves when it is open. */
async function openChannel(member: Member) {
  const peer = createPeer([]);
  peers.push(peer);
  const channel = peer.createDataChannel('test');
  askOnlyNamedServers(peer);
  await peer.setLocalDescription(await peer.createOffer());
  member.send({ type: 'offer', sdp: String(peer.localDescription?.sdp) });
  const answer = await member.received.take();
  await peer.setRemoteDescription({ type: 'answer', sdp: String(answer['sdp']) });
  await new Promise<void>((resolve) =>
    channel.stateChanged.subscribe((state) => state === 'open' && resolve()),
  );
  return { channel, answer };
}

describe('streaming host', () => {
  it('heartbeats with its secret, always idle with a free slot, and is ready once it has also joined its room', async () => {
    startHost({ REGION: 'eu', ROOM_ID: 'r1' });
    const { line, authorization, body } = await services.requests.take();
    expect([line, authorization]).toEqual(['POST /api/host/heartbeat', 'Bearer s3cret']);
    expect(body).toMatchObject({
      hostId: 'h1',
      roomId: 'r1',
      region: 'eu',
      status: 'idle',
      availableSlots: 1,
    });
    expect((await services.members.take()).request.url).toBe('/?roomId=r1');
    expect(await host.next('ready')).toMatchObject({ hostId: 'h1', roomId: 'r1' });
  });

  it('ignores candidates before the first offer, then answers once with all its candidates in the answer', async () => {
    startHost();
    const member = await services.members.take();
    member.send({ type: 'candidate', candidate: 'junk', sdpMid: null, sdpMLineIndex: null });
    const { answer } = await openChannel(member);
    expect(answer.type).toBe('answer');
    expect(answer['sdp']).toContain('a=candidate');
    expect(member.received.size).toBe(0);
    expect(host.has('error')).toBe(false);
  });

  it('echoes, closes when told that the peer has left, and takes the next offer', async () => {
    startHost();
    const member = await services.members.take();
    for (const text of ['first client', 'second client']) {
      const { channel } = await openChannel(member);
      const echo = new Promise((resolve) => channel.onMessage.subscribe(resolve));
      channel.send(text);
      expect(await echo).toBe(text);
      member.send({ type: 'peer-disconnected' });
      expect(await host.next('channel-closed')).toMatchObject({ echoed: 1 });
    }
  });

  it('comes back after its socket was closed', async () => {
    startHost();
    (await services.members.take()).socket.close(1012, 'Server draining');
    expect((await services.members.take()).request.url).toBe('/?roomId=room-h1');
  });

  it('with RECONNECT=false stays away after its socket was closed, but keeps heartbeating', async () => {
    startHost({ RECONNECT: 'false', HEARTBEAT_INTERVAL_MS: '200' });
    (await services.members.take()).socket.close(1012, 'Server draining');
    await host.next('error');
    // Longer than the longest first backoff of a host that would reconnect.
    for (let beats = 0; beats < 5; beats += 1) await services.requests.take();
    expect(services.members.size).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s in the middle of a session', async (signal) => {
    startHost();
    await openChannel(await services.members.take());
    expect(await host.stop(signal)).toBe(0);
  });

  it('names a setting that it cannot read', async () => {
    startHost({ CAPACITY: 'many' });
    expect((await host.next('error'))['message']).toContain('CAPACITY');
    expect(await host.exited).toBe(1);
  });
});
