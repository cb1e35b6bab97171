import type { TakenAlong } from '../limits/types.js';

/**
 * What a member has shown of being a client or a host: the first of offer or answer that it sent; else `browser` if
 * it came with an `Origin` header; else nothing.
 */
export type Evidence = 'offered' | 'answered' | 'browser' | 'none';

/** One connection in a room, as Redis knows it. */
export interface Membership {
  readonly memberId: string;
  readonly instanceId: string;
  readonly evidence: Evidence;
  /** Orders members by when they joined. */
  readonly order: number;
}

/** A member to enter, or to be confirmed: with the order that it has already. */
export interface Entrant {
  readonly memberId: string;
  readonly evidence: Evidence;
  readonly order?: number;
}

/** One message on its way: who sent it, its number among that sender's, and its JSON on one line. */
export interface RelayedMessage {
  readonly from: string;
  readonly n: number;
  readonly text: string;
  /**
   * Who it is for, if not all others: a memberId; `#`, all that speak `parley.v1` and the sender, too; `@USER`, the members
   * of a user. In the latter two cases the text is what they get as it is.
   */
  readonly to?: string;
}

/** Who is in a room that is bound to a streaming host, for that host's pool. */
export interface Presence {
  readonly region: string;
  readonly hostId: string;
  readonly roomId: string;
  /** Grows with every change; older ones are to be discarded. */
  readonly version: number;
  /** In the order in which they joined. */
  readonly members: readonly { readonly memberId: string; readonly evidence: Evidence }[];
}

/** What entering a room answers. */
export interface Entered extends TakenAlong {
  /** Number of the room's last entry at that moment: what comes later is for the new members too. */
  readonly seq: number;
  readonly members: readonly Membership[];
  /** Those that did not fit. */
  readonly refused: readonly string[];
  /** Sent while nobody else was there, oldest first. */
  readonly held: readonly RelayedMessage[];
  /** Entries after `since`, as far as the log still has them. */
  readonly entries: readonly string[];
  /** How many were not there before. */
  readonly added: number;
  /** Present if the room is bound to a host. */
  readonly presence?: Presence;
}

/** Where messages went: to the subscribers, to those who join next, or nowhere since Redis knows no member at all. */
export type SendResult =
  | { readonly outcome: 'published' }
  | { readonly outcome: 'held'; readonly dropped: number }
  | { readonly outcome: 'absent' }
  /** Not sent: somebody there speaks `parley.v1`. */
  | { readonly outcome: 'v1' };
