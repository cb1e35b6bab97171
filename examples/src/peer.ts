import { RTCPeerConnection, type RTCIceServer } from 'werift';

/** A STUN or TURN server as browsers spell it. */
export type PeerIceServer = RTCIceServer;

/** A candidate as it travels in a `candidate` message; `candidate: ''` is the end of candidates. */
export interface WireCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
}

/**
 * A peer connection for data channels over IPv4. 127.0.0.1 is among its candidates, so that two processes on one
 * machine find each other even where there is no network at all.
 */
export function createPeer(iceServers: PeerIceServer[]): RTCPeerConnection {
  return new RTCPeerConnection({
    iceServers,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    bundlePolicy: 'max-bundle',
  });
}

/**
 * To be called when the connection knows its media and before it gathers: werift asks a public STUN server where
 * none is configured, and while that one cannot be reached gathering takes 5 s.
 */
export function askOnlyNamedServers(peer: RTCPeerConnection): void {
  const urls = peer.config.iceServers.flatMap((server) => server.urls);
  if (urls.some((url) => url.startsWith('stun'))) return;
  for (const transport of peer.iceTransports) delete transport.connection.stunServer;
}

/** Calls `send` with each local candidate and, after the last, with the end of candidates. */
export function onLocalCandidate(peer: RTCPeerConnection, send: (candidate: WireCandidate) => void): void {
  peer.onIceCandidate.subscribe((local) => {
    const { candidate = '', sdpMid = '0', sdpMLineIndex = 0 } = local ?? {};
    send({ candidate, sdpMid, sdpMLineIndex });
  });
}

/**
 * Adds what a `candidate` message carried.
 * Two kinds are left out, both for werift's sake. Names ending in `.local` (browsers hide addresses behind them): it
 * waits 10 s for an mDNS answer, while the browser's own checks reach us anyway. And the end of candidates: it gives
 * up once it has checked all it knows, which may be before the browser's first check arrives.
 */
export async function addRemoteCandidate(
  peer: Pick<RTCPeerConnection, 'addIceCandidate'>,
  message: Partial<WireCandidate>,
): Promise<void> {
  const { candidate, sdpMid, sdpMLineIndex } = message;
  if (!candidate || isHidden(candidate)) return;
  await peer.addIceCandidate({ candidate, sdpMid: sdpMid ?? '0', sdpMLineIndex: sdpMLineIndex ?? 0 });
}

/** The session description without what {@link addRemoteCandidate} leaves out. */
export function withoutHiddenCandidates(sdp: string): string {
  const lines = sdp.split(/\r?\n/);
  return lines
    .filter((line) => !(line.startsWith('a=candidate:') && isHidden(line)) && line !== 'a=end-of-candidates')
    .join('\r\n');
}

function isHidden(candidate: string): boolean {
  return candidate.includes('.local ');
}
