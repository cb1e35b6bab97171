import type { RTCDataChannel, RTCPeerConnection } from 'werift';
import type { Match } from './match.js';
import {
  addRemoteCandidate,
  askOnlyNamedServers,
  createPeer,
  onLocalCandidate,
  withoutHiddenCandidates,
} from './peer.js';
import { joinRoom, type SignalingMessage, type SignalingSocket } from './signaling-socket.js';

/** The client's side of one connection. */
export interface ClientSession {
  /** Resolves when the data channel is open; rejects when signaling closes before. */
  readonly channelOpen: Promise<RTCDataChannel>;
  close(): Promise<void>;
}

/**
 * Joins the host's room and connects to it as pages do: the offer leaves in the very tick in which the socket opens,
 * the candidates follow one by one.
 * @param note told what is being waited for
 */
export async function connectToHost(match: Match, note: (phase: string) => void): Promise<ClientSession> {
  const peer = createPeer(match.iceServers);
  const channel = peer.createDataChannel('echo');
  askOnlyNamedServers(peer);
  const offer = await peer.createOffer();

  const { socket, closedEarly } = join(match, {
    opened: () => {
      note('waiting for an answer');
      socket.send({ type: 'offer', sdp: offer.sdp });
      // Gathering begins only here, so no candidate can overtake the offer.
      onLocalCandidate(peer, (candidate) => socket.send({ type: 'candidate', ...candidate }));
      return peer.setLocalDescription(offer);
    },
    received: (type, message) => takeMessage(peer, type, message, note),
  });
  return {
    channelOpen: Promise.race([opened(channel), closedEarly]),
    close: async () => {
      socket.close();
      await peer.close();
    },
  };
}

interface Handlers {
  opened(): Promise<unknown>;
  received(type: string, message: SignalingMessage): Promise<void>;
}

/** Joins once, without reconnecting; what the handlers do happens one after the other, in order. */
function join(match: Match, handlers: Handlers): { socket: SignalingSocket; closedEarly: Promise<never> } {
  let fail: (error: unknown) => void;
  const closedEarly = new Promise<never>((_, reject) => (fail = reject));
  // Nobody waits for it any more once the channel is open.
  closedEarly.catch(() => {});

  let handled: Promise<unknown> = Promise.resolve();
  const socket = joinRoom({
    url: match.signalingUrl,
    roomId: match.roomId,
    token: match.token,
    reconnect: false,
    opened: () => {
      handled = handlers.opened().catch(fail);
    },
    received: (type, message) => {
      handled = handled.then(() => handlers.received(type, message)).catch(fail);
    },
    closed: (code, reason) => fail(new Error(`signaling closed with ${code} ${reason}`)),
  });
  return { socket, closedEarly };
}

/** Types it does not know are ignored, as pages do. */
async function takeMessage(
  peer: RTCPeerConnection,
  type: string,
  message: SignalingMessage,
  note: (phase: string) => void,
): Promise<void> {
  if (type === 'answer') {
    note('connecting');
    await peer.setRemoteDescription({ type: 'answer', sdp: withoutHiddenCandidates(String(message['sdp'])) });
  } else if (type === 'candidate') await addRemoteCandidate(peer, message);
}

function opened(channel: RTCDataChannel): Promise<RTCDataChannel> {
  return new Promise((resolve) =>
    channel.stateChanged.subscribe((state) => state === 'open' && resolve(channel)),
  );
}
