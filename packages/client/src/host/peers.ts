import type { IceServer } from '@parley/protocol';
import { attach, type Attachment } from '../rtc/attach.js';
import { fingerprintOf, type PeerConnection } from '../rtc/peer-connection.js';
import type { Incoming } from '../session/events.js';
import type { Session } from '../session/session.js';

/** Somebody who offered to connect. */
export interface PeerRequest {
  readonly roomId: string;
  /** Undefined in the plain dialect. */
  readonly memberId: string | undefined;
  /** Where the member's token names a user. */
  readonly userId: string | undefined;
  readonly iceServers: readonly IceServer[];
}

/** A connection to somebody in one of the host's rooms. */
export interface HostPeer extends PeerRequest {
  readonly pc: PeerConnection;
}

/** What the peers of a room need and tell. */
export interface PeersParts {
  /** Makes the connection, with what the host has to say on it; undefined turns the member away. */
  createPeer(request: PeerRequest): PeerConnection | undefined;
  joined(peer: HostPeer): void;
  left(peer: HostPeer): void;
  failed(error: unknown): void;
}

interface Entry extends HostPeer {
  readonly attachment: Attachment;
  /** Its member has left the room; the connection may still be good. */
  isOrphan: boolean;
  readonly unlisten: () => void;
}

/**
 * Answers each member of a room on a connection of its own. A connection outlives its member's place in the room, since a
 * lost signaling connection is not a lost stream: it ends when the connection itself does, and a member that comes back
 * under another name goes on with it.
 */
export class Peers {
  /** By member; of those whom nobody knows by name there is one. */
  readonly #entries = new Map<string, Entry>();
  readonly #unlisten: (() => void)[];

  constructor(
    private readonly session: Session,
    private readonly parts: PeersParts,
  ) {
    this.#unlisten = [
      session.on('message', (message) => this.#received(message)),
      session.on('peer-disconnected', ({ memberId = '' }) => this.#orphaned(memberId)),
    ];
  }

  /** Members with a connection, whether they are in the room right now or not. */
  get size(): number {
    return this.#entries.size;
  }

  /** End all connections. */
  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
    for (const key of Array.from(this.#entries.keys())) this.#end(key);
  }

  #received(message: Incoming): void {
    if (message.type !== 'offer') return;
    const { from: memberId, sdp } = message;
    const key = memberId ?? '';
    const known = this.#entries.get(key);
    // Its own attachment takes it, unless it comes from another connection than before: a page that was loaded anew.
    if (known && isOf(known, sdp)) {
      known.isOrphan = false;
      return;
    }
    const returned = [...this.#entries].find(([, entry]) => entry.isOrphan && isOf(entry, sdp));
    if (known) this.#end(key);
    if (returned) this.#adopt(...returned, memberId);
    else this.#create(memberId, message);
  }

  #adopt(oldKey: string, entry: Entry, from: string | undefined): void {
    this.#entries.delete(oldKey);
    this.#entries.set(from ?? '', entry);
    entry.isOrphan = false;
    // It gets the offer after us.
    entry.attachment.peer = from;
  }

  #create(memberId: string | undefined, offer: Incoming): void {
    const { session } = this;
    const userId = memberId === undefined ? undefined : session.members.get(memberId)?.userId;
    const request = { roomId: session.roomId, memberId, userId, iceServers: session.iceServers };
    const pc = this.parts.createPeer(request);
    if (!pc) return;
    const key = memberId ?? '';
    const onError = (error: unknown) => this.parts.failed(error);
    const attachment = attach(pc, session, { peer: memberId, initiator: false, onError });
    const changed = () => this.#changed(pc);
    pc.addEventListener('connectionstatechange', changed);
    const unlisten = () => pc.removeEventListener('connectionstatechange', changed);
    const entry = { ...request, pc, attachment, isOrphan: false, unlisten };
    this.#entries.set(key, entry);
    this.parts.joined(entry);
    attachment.receive(offer);
  }

  #orphaned(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.isOrphan = true;
    this.#changed(entry.pc);
  }

  #changed(pc: PeerConnection): void {
    for (const [key, entry] of this.#entries) {
      if (entry.pc !== pc) continue;
      if (pc.connectionState === 'closed' || (entry.isOrphan && pc.connectionState !== 'connected'))
        this.#end(key);
    }
  }

  #end(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    entry.unlisten();
    entry.attachment.detach();
    void entry.pc.close();
    this.parts.left(entry);
  }
}

/** The offer comes from the other end of this connection, or the connection has not heard any yet. */
function isOf({ pc }: Entry, sdp: string): boolean {
  const known = fingerprintOf(pc.remoteDescription?.sdp);
  return known === undefined || known === fingerprintOf(sdp);
}
