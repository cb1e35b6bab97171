import type { ClientMessage, IceServer } from '@parley/protocol';
import type { Incoming, Welcome } from '../session/events.js';
import type { Session } from '../session/session.js';
import type { Listener } from '../session/websocket.js';
import type { AttachOptions, Attachment } from './attach.js';
import { candidateInit, candidateMessage, isForeign } from './candidates.js';
import { answeredBy, markOf, ownMark, withMarks, writerOf } from './marks.js';
import { fingerprintOf, type CandidateInit, type PeerConnection } from './peer-connection.js';

/** No peer has so many before its offer. */
const MAX_EARLY_CANDIDATES = 256;

/** Perfect negotiation (W3C WebRTC §10.7) over a session that may lose its connection, and peers that may change. */
export class Negotiation implements Attachment {
  peer: string | undefined;
  readonly #undo: (() => void)[];
  #isOffering = false;
  #isTakingAnswer = false;
  #isIgnoring = false;
  /** A description of ours is made and not sent yet: candidates have to wait for it. */
  #isUnsent = false;
  /** An offer went out and nobody else was there: the server holds it for whoever comes. */
  #isHeld = false;
  #endsSent = true;
  #isDetached = false;
  /** Mark of the offer that is answered. */
  #answering: string | undefined;
  /** Who wrote the last description that was meant for us. */
  #writer: string | undefined;
  #early: CandidateInit[] = [];
  #taken: Promise<void> = Promise.resolve();

  constructor(
    private readonly pc: PeerConnection,
    private readonly session: Session,
    private readonly options: AttachOptions,
  ) {
    this.peer = options.peer;
    this.#undo = [
      this.#listen('negotiationneeded', () => void this.#offer()),
      this.#listen('icecandidate', ({ candidate }: { candidate?: CandidateInit | null }) =>
        this.#trickle(candidate),
      ),
      this.#listen('connectionstatechange', () => pc.connectionState === 'failed' && this.restart()),
      session.on('message', (message) => this.receive(message)),
      session.on('welcome', (welcome) => this.#returned(welcome)),
      session.on('plain', ({ isReturn }) => isReturn && this.#isHalfway && this.restart()),
      session.on('peer-joined', ({ resumed }) => !resumed && this.#joined()),
      session.on('peer-disconnected', ({ memberId }) => memberId === this.peer && this.#lost()),
      session.on('migrated', () => this.#migrated()),
      session.on('ice-servers', (servers) => this.#configure(servers)),
      session.on('closed', () => this.detach()),
    ];
  }

  restart(): void {
    if (this.#isWaiting) return;
    if (this.#isHalfway) this.#sendDescription();
    else if (this.pc.signalingState === 'stable' && this.pc.localDescription) this.pc.restartIce();
  }

  receive(message: Incoming): void {
    if (!this.#isMeant(message)) return;
    if (message.type === 'offer') this.#writer = writerOf(message.sdp);
    this.#taken = this.#taken.then(() => this.#take(message)).catch((error: unknown) => this.#failed(error));
  }

  /** The other end of this very connection wrote it, under whatever name it is in the room now. */
  isWith(sdp: string): boolean {
    if (this.#writer !== undefined) return this.#writer === writerOf(sdp);
    const fingerprint = fingerprintOf(sdp);
    return fingerprint !== undefined && fingerprint === fingerprintOf(this.pc.remoteDescription?.sdp);
  }

  detach(): void {
    this.#isDetached = true;
    for (const undo of this.#undo.splice(0)) undo();
  }

  #listen(type: string, listener: Listener): () => void {
    this.pc.addEventListener(type, listener);
    return () => this.pc.removeEventListener(type, listener);
  }

  /** Our offer is on its way, and its answer is not here. */
  get #isHalfway(): boolean {
    return this.pc.signalingState === 'have-local-offer' && !this.#isUnsent;
  }

  /** One that is called has nobody to talk to until its peer comes back. */
  get #isWaiting(): boolean {
    const isCalled = this.options.initiator === false;
    return isCalled && this.peer === undefined && this.session.dialect === 'parley.v1';
  }

  get #isPolite(): boolean {
    const { polite, initiator } = this.options;
    const { memberId } = this.session;
    if (polite !== undefined || initiator !== undefined) return polite ?? !initiator;
    return memberId === undefined || this.peer === undefined || memberId < this.peer;
  }

  /** Whether a message is from our peer; the first one that shows who that is settles it. */
  #isMeant(message: Incoming): boolean {
    const { from, type } = message;
    if (from === undefined || from === this.peer) return true;
    if (this.peer !== undefined || this.session.gone.has(from)) return false;
    if (type === 'answer') {
      if (this.pc.signalingState !== 'have-local-offer' || this.#isStale(message.sdp)) return false;
    } else if (type !== 'offer' || (this.#isTaken && !this.isWith(message.sdp))) return false;
    this.peer = from;
    return true;
  }

  /** Offers of others are for others: it calls somebody, or it was made for one member. */
  get #isTaken(): boolean {
    return this.options.initiator === true || this.options.peer !== undefined;
  }

  /** Our last offer. */
  get #mark(): string {
    return ownMark(this.pc);
  }

  /** An answer to an offer of another connection, or to an earlier one. */
  #isStale(sdp: string): boolean {
    return (answeredBy(sdp) ?? this.#mark) !== this.#mark;
  }

  async #take(message: Incoming): Promise<void> {
    if (this.#isDetached || this.pc.signalingState === 'closed') return;
    if (message.type === 'offer' || message.type === 'answer')
      await this.#describe(message.type, message.sdp);
    else if (message.type === 'candidate' || message.type === 'ice-candidate') {
      await this.#addCandidate(candidateInit(message));
    }
  }

  async #describe(type: 'offer' | 'answer', sdp: string): Promise<void> {
    const { pc } = this;
    // To an offer that was sent twice, or is not ours any more.
    if (type === 'answer' && (pc.signalingState !== 'have-local-offer' || this.#isStale(sdp))) return;
    const isReady = !this.#isOffering && (pc.signalingState === 'stable' || this.#isTakingAnswer);
    this.#isIgnoring = type === 'offer' && !isReady && !this.#isPolite;
    if (this.#isIgnoring) return;
    this.#isTakingAnswer = type === 'answer';
    this.#writer = writerOf(sdp);
    if (type === 'offer') this.#answering = markOf(sdp);
    try {
      await pc.setRemoteDescription({ type, sdp });
    } finally {
      this.#isTakingAnswer = false;
    }
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
    if (type === 'offer') await this.#setLocal();
  }

  async #addCandidate(candidate: CandidateInit): Promise<void> {
    if (!this.pc.remoteDescription) {
      if (!this.#isIgnoring && this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(candidate);
      return;
    }
    if (isForeign(candidate, this.pc.remoteDescription)) return;
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      // Of an offer that was ignored; and not every connection takes the end of candidates.
      if (!this.#isIgnoring && candidate.candidate !== '') throw error;
    }
  }

  async #offer(): Promise<void> {
    // It comes again when it is stable, if it is still needed then.
    if (this.#isOffering || this.#isWaiting || this.pc.signalingState !== 'stable') return;
    this.#isOffering = true;
    try {
      await this.#setLocal();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isOffering = false;
    }
  }

  async #setLocal(): Promise<void> {
    this.#isUnsent = true;
    this.#endsSent = false;
    ownMark(this.pc, 1);
    try {
      await this.pc.setLocalDescription();
      if (this.#isUnsent) this.#sendDescription();
    } finally {
      this.#isUnsent = false;
    }
  }

  #sendDescription(): void {
    this.#isUnsent = false;
    const description = this.pc.localDescription;
    if (description?.type !== 'offer' && description?.type !== 'answer') return;
    const { type, sdp } = description;
    if (type === 'offer') this.#isHeld = this.#isAlone;
    this.#send({ type, sdp: withMarks(sdp, this.#mark, type === 'answer' ? this.#answering : undefined) });
  }

  get #isAlone(): boolean {
    return this.session.dialect === 'parley.v1' && this.session.members.size === 0;
  }

  #trickle(candidate: CandidateInit | null | undefined): void {
    // Some connections gather before they say that the description is set.
    if (this.#isUnsent) this.#sendDescription();
    const message = candidateMessage(candidate);
    if (message.candidate === '') {
      if (this.#endsSent) return;
      this.#endsSent = true;
    }
    this.#send(message);
  }

  #send(message: ClientMessage): void {
    if (this.#isDetached) return;
    if (this.session.send(message, { to: this.peer }) === 'refused') {
      this.#failed(new Error(`the session refused: ${message.type}`));
    }
  }

  #returned({ isReturn, recovered, members }: Welcome): void {
    if (!isReturn) {
      this.#isHeld = members.length === 0;
      return;
    }
    // Somebody may have come for it and left again.
    this.#isHeld = false;
    if (!members.some(({ memberId }) => memberId === this.peer)) this.#lost();
    if (!recovered) this.restart();
  }

  #joined(): void {
    if (this.peer !== undefined || this.options.initiator === false) return;
    if (this.#isHeld) this.#isHeld = false;
    else this.restart();
  }

  #lost(): void {
    this.peer = undefined;
    this.#early = [];
  }

  #migrated(): void {
    this.#lost();
    this.restart();
  }

  #configure(iceServers: readonly IceServer[]): void {
    try {
      this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers: iceServers as never[] });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (!this.#isDetached && this.pc.signalingState !== 'closed') this.options.onError?.(error);
  }
}
