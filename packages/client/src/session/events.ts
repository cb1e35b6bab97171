import type { ClientMessage, ErrorCode, IceServer, Peer, ServerMessage } from '@parley/protocol';
import type { StopReason } from './reconnect-policy.js';

type Server<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** What members send each other: offers, answers, candidates, `control`, `ping`, `pong`. */
export type PeerMessage = ClientMessage;

/** What comes from another member. In the plain dialect nobody knows from whom. */
export type Incoming = PeerMessage & { readonly from?: string; readonly seq?: number };

export type Chat = Omit<Server<'chat'>, 'type'>;
export type PrivateText = Omit<Server<'private'>, 'type'>;

/** What the SDK itself has to say: `messages-lost` – the server did not take some messages that are forgotten by now. */
export type SessionErrorCode = ErrorCode | 'messages-lost' | 'unsupported' | 'ice-refresh-failed';

/** `connecting`: a connection is being made; `open`; `waiting` until the next try; `closed` for good. */
export type SessionState = 'connecting' | 'open' | 'waiting' | 'closed';

/** The session is in its room. */
export interface Welcome extends Omit<Server<'welcome'>, 'type' | 'resumeToken' | 'received'> {
  /** Not the first one of this session. */
  readonly isReturn: boolean;
  /** It is the same member as before; the others were not told that it left. */
  readonly isSameMember: boolean;
  /** Sent before the connection was lost; nobody can tell whether it arrived, and it is not sent again. */
  readonly uncertain: readonly object[];
}

/** Where a room is now. */
export interface Migrated {
  readonly roomId: string;
  readonly hostId: string;
  readonly region: string;
  /** `host:port` of a game server. */
  readonly serverAddress?: string;
}

/** How a session ended. */
export interface Closed {
  readonly reason: StopReason;
  /** The last close of a connection (RFC 6455 §7.4), where a connection's end was the cause. */
  readonly code?: number;
  readonly text?: string;
}

/** What a session tells its listeners. */
export interface SessionEvents {
  state: {
    readonly state: SessionState;
    /** Of `waiting`: when the next try comes, ms from now. */
    readonly retryInMs?: number;
  };
  /** In the room, for the first time or again. `recovered: false` on a return: something may be missing. */
  welcome: Welcome;
  /** In the room in the plain dialect, for the first time or again: nobody knows what was missed. */
  plain: { readonly isReturn: boolean };
  message: Incoming;
  chat: Chat;
  private: PrivateText;
  typing: Omit<Server<'typing'>, 'type'>;
  /** `resumed`: it had been away. */
  'peer-joined': Peer & { readonly resumed?: true | undefined };
  'peer-away': { readonly memberId: string };
  /** Without `memberId` in the plain dialect. */
  'peer-disconnected': { readonly memberId?: string | undefined };
  /** The gateway moved this room to another host. Media may go on with it; data channels are made anew. */
  migrated: Migrated;
  /** Of a host's own room: the gateway gave it another one. */
  assigned: { readonly roomId: string; readonly leaseId: string; readonly expiresAt: number };
  'user-joined': { readonly userId: string };
  'user-left': { readonly userId: string };
  /** Other STUN and TURN servers from now on. */
  'ice-servers': readonly IceServer[];
  /** Something was not done; the session goes on. `message`: what was not passed on, where the server says which. */
  error: { readonly code: SessionErrorCode; readonly detail: string; readonly message?: object };
  /** The last event. */
  closed: Closed;
}
