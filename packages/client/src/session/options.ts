import type { IceAnswer, IceServer } from '@parley/protocol';
import type { Backoff } from '../util/backoff.js';
import type { LivenessTimes } from './liveness.js';
import type { OutboxLimits } from './outbox.js';
import type { WebSocketClass } from './websocket.js';

/** A room and the way to it: what a match and a gateway's room answer have in them. */
export interface Where {
  readonly roomId: string;
  /** One, or several instances, of which another is tried after each failure. Without a query. */
  readonly signalingUrl?: string | readonly string[] | undefined;
  /** Lets one into the room, where signaling wants tokens. A function is asked before each try. */
  readonly token?: string | ((signal: AbortSignal) => string | Promise<string>) | undefined;
  readonly iceServers?: readonly IceServer[] | undefined;
}

/** How to be in a room. */
export interface ConnectOptions {
  /** Ends the session. */
  readonly signal?: AbortSignal | undefined;
  /** Where there is no global WebSocket (Node 20): the one of the package `ws`. */
  readonly WebSocket?: WebSocketClass | undefined;
  /** `plain`: speak only that; `auto` (default): `parley.v1`, or plain where the server does not know it. */
  readonly dialect?: 'auto' | 'plain' | undefined;
  readonly backoff?: Backoff | undefined;
  /** Give up when no connection held for this long, ms. Default: never. */
  readonly giveUpAfterMs?: number | undefined;
  /** Longest time for a connection and its welcome, ms. Default 10000. */
  readonly connectTimeoutMs?: number | undefined;
  readonly liveness?: LivenessTimes | undefined;
  readonly outbox?: OutboxLimits | undefined;
  /** Asks for fresh STUN and TURN servers before those of `where` expire; see {@link refreshIceServers}. */
  readonly refreshIce?: ((signal: AbortSignal) => Promise<IceAnswer>) | undefined;
}

/** What tells a session's connection where to go. */
export function urlFor(
  base: string,
  roomId: string,
  token: string | undefined,
  resume: string | undefined,
): string {
  const url = new URL(base);
  url.searchParams.set('roomId', roomId);
  if (token !== undefined) url.searchParams.set('token', token);
  if (resume !== undefined) url.searchParams.set('resume', resume);
  return url.href;
}
