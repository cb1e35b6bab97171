import type { RTCDataChannel, RTCPeerConnection } from 'werift';
import { emit, emitError } from './events.js';
import {
  addRemoteCandidate,
  askOnlyNamedServers,
  createPeer,
  withoutHiddenCandidates,
  type PeerIceServer,
} from './peer.js';
import type { SignalingMessage, SignalingSocket } from './signaling-socket.js';

/** The host's side of one client after the other. */
export interface HostSessions {
  /** Takes a message from signaling; they are handled one after the other, in order. */
  handle(type: string, message: SignalingMessage): void;
  /** Ends the present session, if there is one. */
  end(): Promise<void>;
}

/** Answers offers and echoes what comes over the data channels. */
export function createHostSessions(iceServers: PeerIceServer[], send: SignalingSocket['send']): HostSessions {
  let peer: RTCPeerConnection | undefined;
  let handled: Promise<void> = Promise.resolve();

  const end = async (): Promise<void> => {
    const ending = peer;
    peer = undefined;
    await ending?.close();
  };
  const answer = async (offerSdp: string): Promise<void> => {
    await end();
    peer = createPeer(iceServers);
    emit('offer', { bytes: offerSdp.length });
    send({ type: 'answer', sdp: await answerTo(offerSdp, peer) });
  };
  const step = async (type: string, message: SignalingMessage): Promise<void> => {
    if (type === 'offer') await answer(String(message['sdp']));
    // Without a peer there was no offer yet, or its sender has left.
    else if (type === 'candidate' && peer) await addRemoteCandidate(peer, message);
    else if (type === 'peer-disconnected') await end();
    else if (type === 'ping') send({ type: 'pong', timestamp: message['timestamp'] });
    else if (type === 'control') emit('control', { action: message['action'], payload: message['payload'] });
  };
  return {
    handle: (type, message) => {
      handled = handled.then(() => step(type, message)).catch(emitError);
    },
    end,
  };
}

/** The answer, with all candidates in it: real hosts do not trickle theirs. */
async function answerTo(offerSdp: string, peer: RTCPeerConnection): Promise<string> {
  const startedAtMs = performance.now();
  peer.onDataChannel.subscribe((channel) => {
    emit('channel-open', { label: channel.label, millis: Math.round(performance.now() - startedAtMs) });
    echo(channel, peer);
  });
  await peer.setRemoteDescription({ type: 'offer', sdp: withoutHiddenCandidates(offerSdp) });
  askOnlyNamedServers(peer);
  await peer.setLocalDescription(await peer.createAnswer());
  return peer.localDescription?.sdp ?? '';
}

function echo(channel: RTCDataChannel, peer: RTCPeerConnection): void {
  let echoed = 0;
  let open = true;
  channel.onMessage.subscribe((data) => {
    channel.send(data);
    echoed += 1;
  });
  const closed = (): void => {
    if (open) emit('channel-closed', { label: channel.label, echoed });
    open = false;
  };
  channel.stateChanged.subscribe((state) => state === 'closed' && closed());
  peer.connectionStateChange.subscribe((state) => (state === 'closed' || state === 'failed') && closed());
}
