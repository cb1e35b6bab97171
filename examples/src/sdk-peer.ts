import { setTimeout as delay } from 'node:timers/promises';
import type { RTCPeerConnection } from 'werift';
import {
  addRemoteCandidate,
  askOnlyNamedServers,
  createPeer,
  withoutHiddenCandidates,
  type PeerIceServer,
  type WireCandidate,
} from './peer.js';

/** A peer connection that the SDK can negotiate on like on a browser's: what werift does in its own way is mended. */
export function createSdkPeer(iceServers: PeerIceServer[]): RTCPeerConnection {
  const peer = createPeer(iceServers);
  const own = {
    setLocalDescription: peer.setLocalDescription.bind(peer) as () => Promise<never>,
    setRemoteDescription: peer.setRemoteDescription.bind(peer),
    addIceCandidate: peer.addIceCandidate.bind(peer),
  };
  peer.setLocalDescription = () => {
    askOnlyNamedServers(peer);
    return own.setLocalDescription();
  };
  peer.setRemoteDescription = (description) =>
    own.setRemoteDescription({ ...description, sdp: withoutHiddenCandidates(description.sdp ?? '') });
  peer.addIceCandidate = (candidate) =>
    addRemoteCandidate({ addIceCandidate: own.addIceCandidate }, candidate as Partial<WireCandidate>);
  peer.signalingStateChange.subscribe((state) => state === 'stable' && void startRestarted(peer));
  return peer;
}

/** After an ICE restart werift negotiates and never starts its checks: a connection that stood would have none. */
async function startRestarted(peer: RTCPeerConnection): Promise<void> {
  for (const { state, iceTransport } of peer.dtlsTransports) {
    const { connection } = iceTransport;
    const wasRestarted = (): boolean =>
      state === 'connected' && peer.connectionState !== 'closed' && !connection.nominated;
    while (wasRestarted() && !connection.localCandidatesEnd) await delay(10);
    if (wasRestarted() && iceTransport.state !== 'checking') await iceTransport.start().catch(() => {});
  }
}
