/// <reference lib="dom" />
// What runs inside pages. Each function uses nothing of this file but its argument, and `window.parley`, the SDK.

type Listener = (event: never) => void;

interface SdkSession {
  on(event: string, listener: Listener): void;
  close(): void;
}

interface Sdk {
  findMatch(url: string, wishes: object): Promise<Match>;
  connect(where: object): SdkSession;
  attach(pc: RTCPeerConnection, session: SdkSession, options: object): { receive(message: object): void };
}

interface Match {
  readonly roomId: string;
  readonly signalingUrl: string;
  readonly iceServers: RTCIceServer[];
}

declare global {
  interface Window {
    parley: Sdk;
    leave: () => void;
  }
}

/** Put into a page of the gateway: the SDK that its demo is made of. */
export const LOAD_SDK = "import * as parley from '/demo/parley-client.js'; window.parley = parley;";

/**
 * A host for one player, to whom it sends back what comes: Chromium now and then loses what the one that was called sends
 * first, in the moment in which its data channel opens. Resolves when it is in its room.
 */
export function hostOne(where: { readonly roomId: string; readonly signalingUrl: string }): Promise<void> {
  const session = window.parley.connect(where);
  let pc: RTCPeerConnection | undefined;
  session.on('message', (message: { type: string }) => {
    if (message.type !== 'offer' || pc) return;
    pc = new RTCPeerConnection();
    pc.addEventListener('datachannel', ({ channel }) => {
      channel.addEventListener('message', ({ data }) => channel.send(String(data)));
    });
    window.parley.attach(pc, session, { initiator: false }).receive(message);
  });
  window.leave = () => {
    session.close();
    pc?.close();
  };
  return new Promise((resolve) => {
    session.on('welcome', () => resolve());
    session.on('plain', () => resolve());
  });
}

interface Play {
  readonly matchmakerUrl: string;
  readonly hostId: string;
}

/** The least that a page has to do: plain dialect, bare WebSocket, no care for anything that may go wrong. */
export async function playBare({ matchmakerUrl, hostId }: Play): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${matchmakerUrl}/api/match/find`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ hostId }),
  });
  const match = (await response.json()) as Match;
  const pc = new RTCPeerConnection({ iceServers: match.iceServers });
  const channel = pc.createDataChannel('input');
  channel.addEventListener('open', () => channel.send('first'));
  const arrived = new Promise<number>((resolve) => {
    channel.addEventListener('message', () => resolve(performance.now() - startedAt));
  });
  const socket = new WebSocket(`${match.signalingUrl}/?roomId=${match.roomId}`);
  const offer = await pc.createOffer();
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.addEventListener('open', () => {
    send({ type: 'offer', sdp: offer.sdp });
    void pc.setLocalDescription(offer);
  });
  pc.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate) send({ type: 'candidate', ...candidate.toJSON() });
  });
  // In order: candidates come right behind the answer.
  let last = Promise.resolve();
  const take = async (message: { type: string; sdp: string }) => {
    if (message.type === 'answer') await pc.setRemoteDescription({ type: 'answer', sdp: message.sdp });
    if (message.type === 'candidate') await pc.addIceCandidate(message as RTCIceCandidateInit);
  };
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { type: string; sdp: string };
    last = last.then(() => take(message));
  });
  const tookMs = await arrived;
  socket.close();
  pc.close();
  return tookMs;
}

/** The same with the SDK, as the demo does it. */
export async function playWithSdk({ matchmakerUrl, hostId }: Play): Promise<number> {
  const startedAt = performance.now();
  const match = await window.parley.findMatch(matchmakerUrl, { hostId });
  const session = window.parley.connect(match);
  const pc = new RTCPeerConnection({ iceServers: match.iceServers });
  window.parley.attach(pc, session, { initiator: true });
  const channel = pc.createDataChannel('input');
  channel.addEventListener('open', () => channel.send('first'));
  const tookMs = await new Promise<number>((resolve) => {
    channel.addEventListener('message', () => resolve(performance.now() - startedAt));
  });
  session.close();
  pc.close();
  return tookMs;
}
