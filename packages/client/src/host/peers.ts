import type { IceServer } from '@parley/protocol';
import { Negotiation } from '../rtc/negotiation.js';
import type { PeerConnection } from '../rtc/peer-connection.js';
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
  readonly attachment: Negotiation;
  /** Its member has lost its signaling connection. */
  isAway: boolean;
  /** … and its place in the room with it; the connection may still be good. */
  isOrphan: boolean;
  readonly unlisten: () => void;
}

/**
 * Answers each member of a room on a connection of its own. Who leaves takes the connection along; who only loses signaling
 * does not, for that is no lost stream: then it ends when the connection itself does, and a member that comes back under
 * another name goes on with it.
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
      session.on('peer-away', ({ memberId }) => this.#markAway(memberId, true)),
      session.on('peer-joined', ({ memberId }) => this.#markAway(memberId, false)),
      session.on('peer-disconnected', ({ memberId = '' }) => this.#left(memberId)),
      session.on('welcome', ({ isReturn }) => isReturn && this.#wasAway()),
    ];
  }

  /** Who plays: the members of the room, and those who have lost it and are still connected. */
  get players(): number {
    if (this.session.dialect !== 'parley.v1') return this.#entries.size;
    const orphans = [...this.#entries.values()].filter(({ isOrphan }) => isOrphan);
    return this.session.members.size + orphans.length;
  }

  /** End all connections. */
  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
    for (const key of Array.from(this.#entries.keys())) this.#end(key);
  }

  #received(message: Incoming): void {
    if (message.type !== 'offer') return;
    const { from: memberId, sdp } = message;
    if (memberId !== undefined && this.session.gone.has(memberId)) return;
    const key = memberId ?? '';
    const known = this.#entries.get(key);
    // Its own attachment takes it, unless it comes from another connection than before: a page that was loaded anew.
    if (known?.attachment.isWith(sdp)) {
      known.isOrphan = false;
      return;
    }
    const returned = [...this.#entries].find(([, entry]) => entry.isOrphan && entry.attachment.isWith(sdp));
    if (known) this.#end(key);
    if (returned) this.#adopt(...returned, memberId);
    else this.#create(memberId, message);
  }

  #adopt(oldKey: string, entry: Entry, from: string | undefined): void {
    this.#entries.delete(oldKey);
    this.#entries.set(from ?? '', entry);
    Object.assign(entry, { isAway: false, isOrphan: false });
    // It gets the offer after us.
    entry.attachment.peer = from;
  }

  #create(memberId: string | undefined, offer: Incoming): void {
    const { session } = this;
    const userId = memberId === undefined ? undefined : session.members.get(memberId)?.userId;
    const request = { roomId: session.roomId, memberId, userId, iceServers: session.iceServers };
    const pc = this.#makePeer(request);
    if (!pc) return;
    const key = memberId ?? '';
    const onError = (error: unknown) => this.parts.failed(error);
    const attachment = new Negotiation(pc, session, { peer: memberId, initiator: false, onError });
    const changed = () => this.#changed(pc);
    pc.addEventListener('connectionstatechange', changed);
    const unlisten = () => pc.removeEventListener('connectionstatechange', changed);
    const entry = { ...request, pc, attachment, isAway: false, isOrphan: false, unlisten };
    this.#entries.set(key, entry);
    this.parts.joined(entry);
    attachment.receive(offer);
  }

  #makePeer(request: PeerRequest): PeerConnection | undefined {
    try {
      return this.parts.createPeer(request);
    } catch (error) {
      this.parts.failed(error);
      return undefined;
    }
  }

  #markAway(key: string, isAway: boolean): void {
    const entry = this.#entries.get(key);
    if (entry) entry.isAway = isAway;
  }

  /** We were gone: nobody can tell who has left meanwhile, and who was only lost. */
  #wasAway(): void {
    for (const [key, entry] of this.#entries) if (!this.session.members.has(key)) entry.isAway = true;
  }

  #left(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.isOrphan = true;
    if (entry.isAway) this.#changed(entry.pc);
    else this.#end(key);
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
    // Some answer with a promise, and a connection that does not end well has ended.
    Promise.resolve(entry.pc.close()).catch(() => {});
    this.parts.left(entry);
  }
}
