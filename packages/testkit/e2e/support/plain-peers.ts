/// <reference lib="dom" />
// Functions that run inside a page. They know nothing of Parley but the plain dialect (contract §1), use nothing of this
// file but their argument, and leave what they see in `window`.

/** What a plain page or host saw so far. */
export interface Seen {
  /** The fields of each message. */
  readonly types: string[];
  readonly closed: string[];
  echoed: number;
}

declare global {
  interface Window {
    seen: Seen;
    peers: RTCPeerConnection[];
  }
}

export interface PlainPeer {
  /** Of the room: with `?roomId=`. */
  readonly url: string;
  readonly iceServers?: RTCIceServer[];
  readonly relayOnly?: boolean;
}

/** As real pages do: the offer leaves in the very tick of `open`, the candidates after it. 100 messages are echoed. */
export async function plainPage({ url, iceServers = [], relayOnly = false }: PlainPeer): Promise<void> {
  const seen: Seen = (window.seen = { types: [], closed: [], echoed: 0 });
  const peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' });
  window.peers = [peer];
  const channel = peer.createDataChannel('input');
  channel.addEventListener('open', () => {
    for (let i = 0; i < 100; i++) channel.send(String(i));
  });
  channel.addEventListener('message', ({ data }) => {
    if (data === String(seen.echoed)) seen.echoed += 1;
  });
  const offer = await peer.createOffer();
  const socket = new WebSocket(url);
  const send = (message: object) => socket.readyState === 1 && socket.send(JSON.stringify(message));
  socket.addEventListener('open', () => {
    send({ type: 'offer', sdp: offer.sdp });
    void peer.setLocalDescription(offer);
  });
  peer.addEventListener('icecandidate', ({ candidate }) => {
    const { sdpMid = null, sdpMLineIndex = null } = candidate ?? {};
    send({ type: 'candidate', candidate: candidate?.candidate ?? '', sdpMid, sdpMLineIndex });
  });
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { type: string; sdp: string };
    seen.types.push(Object.keys(message).join());
    if (message.type === 'answer') void peer.setRemoteDescription({ type: 'answer', sdp: message.sdp });
  });
  socket.addEventListener('close', ({ code, reason }) => seen.closed.push(`${code} ${reason}`));
}

/** As real hosts do: waits for an offer, drops candidates that come before it, answers once with all candidates in it. */
export function plainHost({ url, iceServers = [], relayOnly = false }: PlainPeer): Promise<void> {
  const seen: Seen = (window.seen = { types: [], closed: [], echoed: 0 });
  let peer: RTCPeerConnection | undefined;
  window.peers = [];
  const socket = new WebSocket(url);

  async function answer(sdp: string): Promise<void> {
    const made = new RTCPeerConnection({ iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' });
    peer = made;
    window.peers.push(made);
    made.addEventListener('datachannel', ({ channel }) => {
      channel.addEventListener('message', ({ data }) => {
        seen.echoed += 1;
        channel.send(String(data));
      });
    });
    await made.setRemoteDescription({ type: 'offer', sdp });
    await made.setLocalDescription(await made.createAnswer());
    await new Promise<void>((resolve) => {
      const check = () => made.iceGatheringState === 'complete' && resolve();
      made.addEventListener('icegatheringstatechange', check);
      check();
    });
    socket.send(JSON.stringify({ type: 'answer', sdp: made.localDescription?.sdp }));
  }

  // One after the other: a candidate must not overtake the offer that it belongs to.
  let last = Promise.resolve();
  const take = async (data: unknown) => {
    // The first textual "type" is the message's, as for the host that this is made after.
    const type = /"type"\s*:\s*"([^"]*)"/.exec(String(data))?.[1] ?? '';
    const message = JSON.parse(String(data)) as RTCIceCandidateInit & { sdp: string };
    seen.types.push(Object.keys(message).join());
    if (type === 'offer') await answer(message.sdp);
    if (type === 'candidate' && peer && message.candidate) await peer.addIceCandidate(message);
  };
  socket.addEventListener('message', ({ data }) => {
    last = last.then(() => take(data));
  });
  socket.addEventListener('close', ({ code, reason }) => seen.closed.push(`${code} ${reason}`));
  return new Promise((resolve) => socket.addEventListener('open', () => resolve()));
}
