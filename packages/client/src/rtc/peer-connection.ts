import type { Listener } from '../session/websocket.js';

/** A session description. */
export interface Description {
  readonly type: string;
  readonly sdp: string;
}

/** A candidate as it is handed over. */
export interface CandidateInit {
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
  readonly usernameFragment?: string | null;
}

/** What the SDK needs of an `RTCPeerConnection` (W3C WebRTC §4.4): a browser's, or one for Node that is like it. */
export interface PeerConnection {
  readonly signalingState: string;
  readonly connectionState: string;
  readonly localDescription: Description | null;
  readonly remoteDescription: Description | null;
  setLocalDescription(): Promise<unknown>;
  setRemoteDescription(description: { type: 'offer' | 'answer'; sdp: string }): Promise<unknown>;
  addIceCandidate(candidate: { candidate: string }): Promise<unknown>;
  restartIce(): void;
  setConfiguration(configuration: { iceServers?: never[] }): void;
  getConfiguration(): object;
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
  close(): unknown;
}

/** The certificate of whoever wrote a description: the same for the life of a connection (RFC 8122). */
export function fingerprintOf(sdp: string | undefined): string | undefined {
  return /^a=fingerprint:(.+)$/m
    .exec(sdp ?? '')?.[1]
    ?.trim()
    .toLowerCase();
}
