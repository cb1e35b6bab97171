import type { HeartbeatInput } from '@parley/protocol';
import type { PeerConnection } from '../rtc/peer-connection.js';
import type { ConnectOptions } from '../session/options.js';
import type { HostPeer, PeerRequest } from './peers.js';

/** A machine that runs sessions. With an `address` it is a game server, without one a streaming host. */
export interface HostOptions extends Pick<
  HeartbeatInput,
  'region' | 'capacity' | 'address' | 'publicIp' | 'labels'
> {
  readonly matchmakerUrl: string;
  /** The matchmaker's `HOST_SECRET`. */
  readonly hostSecret: string;
  /** Its own name. Default: a random one. */
  readonly hostId?: string;
  /** Its own room, where a streaming host meets those who were matched. Default: `room-` and its name. */
  readonly roomId?: string;
  /** Where a streaming host joins its rooms. */
  readonly signalingUrl?: string | readonly string[];
  /** Of a streaming host: makes a connection for somebody who offers one; the SDK answers on it. */
  readonly createPeer?: (request: PeerRequest) => PeerConnection | undefined;
  /** How its sessions connect. */
  readonly connect?: Omit<ConnectOptions, 'signal' | 'refreshIce'>;
  /** Ask the matchmaker for STUN and TURN servers for its connections. Default: true for streaming hosts. */
  readonly usesIceServers?: boolean;
  /** Longest time between two heartbeats, ms. Default: a third of the matchmaker's time to live. */
  readonly heartbeatMs?: number;
  /** Longest time that the goodbye may take, ms. Default 3000. */
  readonly goodbyeMs?: number;
  /** Closes the host. */
  readonly signal?: AbortSignal;
}

/** A room that the host has been given. */
export interface Assignment {
  readonly roomId: string;
  readonly leaseId: string;
  /** Until when it has to be reported; milliseconds since 1970. */
  readonly expiresAt: number;
  /** Opens the room, where signaling wants tokens. */
  readonly token?: string | undefined;
}

/** What a host tells its listeners. */
export interface HostEvents {
  /** The matchmaker knows it and, of a streaming host, it is in its own room. */
  ready: { readonly hostId: string; readonly roomId: string };
  /** A room was given to it; a streaming host has joined it, a game server is to let players in. */
  assigned: Assignment;
  /** A room is not its own any more. */
  released: { readonly roomId: string };
  /** Somebody offers a connection; it is being answered. */
  peer: HostPeer;
  /** A connection is over. */
  'peer-left': HostPeer;
  /** Something failed; the host goes on, and tries again what can be tried again. */
  error: unknown;
  /** The last event. */
  closed: undefined;
}
