import type { Incoming } from '../session/events.js';
import type { Session } from '../session/session.js';
import { Negotiation } from './negotiation.js';
import type { PeerConnection } from './peer-connection.js';

/** Whom a connection is with, and who gives way. */
export interface AttachOptions {
  /** The other one's `memberId`. Default: whoever answers, or makes the first offer. */
  readonly peer?: string | undefined;
  /**
   * True for the side that calls (a player), false for the one that is called (a host). A caller ignores offers of
   * others until it is answered: in a room with several players these are not meant for it. Default: either.
   */
  readonly initiator?: boolean | undefined;
  /**
   * Give way when both offer at once; one side has to, and the other must not. Default: the one that is called, or of
   * two equals the one whose `memberId` comes first, or we, where nobody has a name.
   */
  readonly polite?: boolean | undefined;
  /** Told what the connection refused; negotiation goes on with the next message. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A connection whose descriptions and candidates go through a session. */
export interface Attachment {
  /** The other one's `memberId`; undefined while it is not known, or gone, and in the plain dialect. */
  peer: string | undefined;
  /** Offer again, with new candidates: the way to the peer is lost, or what was said of it may be. Media goes on. */
  restart(): void;
  /** Take a message that came before the attachment was there. */
  receive(message: Incoming): void;
  /** Let go of both; the connection stays as it is. */
  detach(): void;
}

/** Of those who call, by whom they call. */
const callers = new WeakMap<Session, Map<string | undefined, Attachment>>();

/**
 * Let a connection negotiate through a session: offers, answers and candidates both ways, by the perfect negotiation
 * pattern. What the session missed, a path that failed, and a room that moved are answered with an ICE restart; the
 * connection is never torn down. Peers that speak the plain dialect will do.
 *
 * Attach in the task that makes the connection, before its tracks and channels are added or right after: the browser
 * asks for an offer once. A caller's newest connection to a peer is the one that counts: the one before is let go of.
 */
export function attach(pc: PeerConnection, session: Session, options: AttachOptions = {}): Attachment {
  const attachment = new Negotiation(pc, session, options);
  if (options.initiator) {
    const ofSession = callers.get(session) ?? new Map<string | undefined, Attachment>();
    callers.set(session, ofSession);
    ofSession.get(options.peer)?.detach();
    ofSession.set(options.peer, attachment);
  }
  return attachment;
}
