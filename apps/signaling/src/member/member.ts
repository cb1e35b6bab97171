import { serverMessages, type Close } from '@parley/protocol';
import type { Evidence } from '@parley/redis-scripts';
import type { SpanScope } from '@parley/runtime';

const PEER_DISCONNECTED = JSON.stringify(serverMessages.peerDisconnected);

/** What a room needs of a connection. */
export interface MemberSocket {
  /** Whether its client has gone: nothing that is sent arrives. */
  readonly isOver: boolean;
  /** @param message its text, or that text in UTF-8 */
  send(message: string | Buffer): void;
  /** Say why and end the connection; it leaves its room at once. */
  close(close: Close): void;
}

/** Senders elsewhere that are gone of which it is still known what a member got. */
const GONE_KEPT = 16;

/** One connection in a room. */
export class Member {
  evidence: Evidence;
  /** Orders members by when they joined; known once Redis said so. */
  order: number | undefined;
  /** Number of the room's last entry when this member joined: later ones are for it. */
  joinedAtSeq = 0;
  /** Number of the last message that it sent. */
  sent = 0;
  /** For each sender, number of the last message that this member got. */
  #received: Map<string, number> | undefined;
  /** Those of them that are gone and may come back, the longest gone first. */
  #gone: string[] | undefined;
  /** Its join, while traces are on; not even a field otherwise. */
  declare span?: SpanScope;

  constructor(
    /** Another one only before it joins: who resumes gets its old one back. */
    public id: string,
    isBrowser: boolean,
    readonly socket: MemberSocket,
  ) {
    this.evidence = isBrowser ? 'browser' : 'none';
  }

  /** Hand over a message unless it was already (S3: the same may come directly, held, published or repaired). */
  deliver(from: string, n: number, message: string | Buffer): void {
    if (this.take(from, n)) this.socket.send(message);
  }

  /** Note that a message is handed over. @returns false if it was already, or a later one of its sender */
  take(from: string, n: number): boolean {
    this.#received ??= new Map();
    if (n <= (this.#received.get(from) ?? 0)) return false;
    this.#received.set(from, n);
    return true;
  }

  /** Another member has left. */
  tellGone(_memberId: string): void {
    this.socket.send(PEER_DISCONNECTED);
  }

  /** A sender is gone for good; nothing of it can come any more. */
  forget(from: string): void {
    this.#received?.delete(from);
  }

  /**
   * A sender on another instance is gone. Where that instance was only taken for dead it comes back, and says again
   * what it does not know to have arrived (S3).
   */
  mayForget(from: string): void {
    if (!this.#received?.has(from)) return;
    this.#gone ??= [];
    this.#gone.push(from);
    if (this.#gone.length <= GONE_KEPT) return;
    const longest = this.#gone.shift();
    if (longest !== undefined) this.forget(longest);
  }

  /** A sender that was gone is back. */
  isBack(from: string): void {
    if (this.#gone) this.#gone = this.#gone.filter((gone) => gone !== from);
  }
}
