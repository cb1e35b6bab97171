import { closes } from '@parley/protocol';
import { isLossElsewhere, type Entry, type RelayedMessage, type SendResult } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import { isV1 } from '../v1/resume-token.js';
import { V1Member } from '../v1/v1-member.js';
import { V1Room } from '../v1/v1-room.js';
import { Arrivals, type ArrivalsOwner, type OpenChannel } from './arrivals.js';
import type { RoomContext } from './context.js';
import { deliverEntry } from './deliver.js';
import { Confirmation } from './confirmation.js';
import { Entrance } from './entrance.js';
import { Feed, type FeedOwner } from './feed.js';
import type { RoomInside } from './inside.js';
import type { Note } from './note.js';
import {
  OperationQueue,
  type JoinAttempt,
  type JoinOutcome,
  type Operation,
  type QueueOwner,
} from './queue.js';

/** What comes through the channel without a number: nobody has to get it. */
const HINT = '0\n';

const NOBODY: ReadonlySet<string> = new Set();

/**
 * One room as this instance sees it. Members here get each other's messages directly; everything else goes through
 * Redis in the order of the queue, and comes back in the order of the feed.
 */
export class Room implements QueueOwner, FeedOwner, ArrivalsOwner {
  readonly #locals = new Map<string, Member>();
  /** Members on other instances; most rooms have none. */
  #remotes: Set<string> | undefined;
  /** While somebody in it speaks `parley.v1`. */
  #v1: V1Room | undefined;
  readonly #queue: OperationQueue;
  readonly #feed: Feed;
  /** Under way while it is there; false again if it failed. */
  opening: Promise<void> | undefined;
  isOpen = false;
  /** Until it is written that this instance has members here. */
  note: Note | undefined;
  /** Joins that began and did not end: the room must stay. */
  #arrivals: Arrivals | undefined;

  constructor(
    readonly id: string,
    private readonly context: RoomContext,
  ) {
    this.#queue = new OperationQueue(this);
    this.#feed = new Feed(this);
  }

  get instanceId(): string {
    return this.context.store.instanceId;
  }

  get #hasRemotes(): boolean {
    return this.#remotes !== undefined && this.#remotes.size > 0;
  }

  /** Nobody is here, nobody comes, and Redis knows all that it has to. */
  get isOver(): boolean {
    return this.#locals.size === 0 && this.#arrivals === undefined && this.#queue.isIdle;
  }

  /** Whether a join waits for its turn. */
  get isAwaited(): boolean {
    return this.#queue.hasJoin;
  }

  /** Let a member join. Resolves once it got what was held for it and can send. @throws RedisUnavailableError */
  async join(member: Member, open: OpenChannel): Promise<JoinOutcome> {
    const arrivals = (this.#arrivals ??= new Arrivals(this));
    const isSpeaker = member instanceof V1Member;
    if (isSpeaker) this.#speak();
    this.#v1?.expectJoin(isSpeaker);
    try {
      return await arrivals.join(member, open);
    } finally {
      if (arrivals.isOver) this.#arrivals = undefined;
      this.#v1?.joinEnded(isSpeaker);
      this.#hush();
      if (this.isOver) this.context.onIdle(this);
    }
  }

  /** Nobody is here: hear nothing for now. */
  leaveChannel(): void {
    this.context.leaveChannel(this);
  }

  /** A member is about to leave, or to be away: `leave` or `goesAway` follows what it said last. */
  leaving(member: Member): void {
    this.#queue.expectLeave(member);
  }

  /** A member is gone. The others here are told at once, those elsewhere by Redis. */
  leave(member: Member): void {
    this.#queue.out(member);
    if (!this.holds(member)) return;
    this.#locals.delete(member.id);
    for (const peer of this.#locals.values()) peer.forget(member.id);
    this.#tellGone(member.id);
    this.#queue.push({ kind: 'leave', memberId: member.id });
    this.#v1?.settle();
    this.#hush();
    this.#queue.start();
  }

  /** A member that may come back has lost its connection. */
  goesAway(member: V1Member): void {
    this.#queue.out(member);
    if (!this.holds(member)) return;
    this.#locals.delete(member.id);
    this.#v1?.leaves(member);
    this.#queue.start();
  }

  /** A member has got its welcome: the token before ends. */
  confirmToken({ id, tokenHash }: V1Member): void {
    this.#queue.push({ kind: 'task', run: () => this.context.v1.confirmToken(this.id, id, tokenHash) });
    this.context.schedule(this.#queue);
  }

  /** A member resumes elsewhere: its connection here is over. */
  release(memberId: string): void {
    this.#locals.get(memberId)?.socket.close(closes.resumedElsewhere);
  }

  /**
   * Relay a message to all other members, wherever they are.
   * @param message the text, or the same in UTF-8 as it came
   */
  relay(member: Member, text: string, message: string | Buffer): void {
    const n = ++member.sent;
    if (this.#v1) return this.relayNumbered({ from: member.id, n, text }, message);
    const done = this.context.metrics.fanout.sample();
    for (const peer of this.#locals.values()) {
      if (peer !== member) peer.deliver(member.id, n, message);
    }
    done?.();
    this.context.metrics.forwarded.inc();
    if (this.#hasRemotes || this.#locals.size === 1 || this.#queue.hasJoin) {
      this.#send({ from: member.id, n, text });
    }
  }

  /** Relay a message, in a room where somebody speaks `parley.v1`, to whom it is for. */
  relayNumbered(message: RelayedMessage, asItCame: string | Buffer): void {
    this.#speak().relay(message, asItCame);
    this.context.metrics.forwarded.inc();
  }

  /** The part of it that speaks `parley.v1`; there while somebody does. */
  get v1(): V1Room {
    return this.#speak();
  }

  /** Whether somebody of that name is in the room, here or elsewhere, or may come back. */
  hasMember(memberId: string): boolean {
    return this.#locals.has(memberId) || this.#remotes?.has(memberId) === true;
  }

  /** Whether a member is here by this connection, and not by one that has taken its place. */
  holds(member: Member): boolean {
    return this.#locals.get(member.id) === member;
  }

  /** Note what a member's first offer or answer shows. */
  showEvidence(member: Member, evidence: 'offered' | 'answered'): void {
    if (member.evidence === 'offered' || member.evidence === 'answered') return;
    member.evidence = evidence;
    this.#queue.push({ kind: 'evidence', member });
    this.context.schedule(this.#queue);
  }

  /** Bring this room and Redis to the same knowledge: who is here, who is there, and what was missed. */
  confirm(): void {
    if (!this.#queue.hasConfirm) this.#queue.push({ kind: 'confirm' });
    this.#queue.start();
  }

  /** Redis was away, and may have lost something. */
  doubt(): void {
    this.#v1?.doubt();
    this.confirm();
  }

  /** An entry came through the room's channel. */
  take(entry: string): void {
    if (entry.startsWith(HINT)) return this.#v1?.typists.hinted(entry.slice(HINT.length));
    this.#feed.take(entry);
  }

  /** Redis may answer again. */
  resume(): void {
    this.#queue.resume();
  }

  #send(message: RelayedMessage): void {
    if (this.#queue.bytes + message.text.length > this.context.outboxMaxBytes) {
      this.context.metrics.unsent.inc({ why: 'outbox-full' });
      return;
    }
    this.#queue.pushMessage(message);
    this.context.schedule(this.#queue);
  }

  onIdle(): void {
    this.#v1?.settle();
    this.context.onIdle(this);
  }

  onStalled(isOutage: boolean): void {
    this.#v1?.doubt();
    this.context.onStalled(this, isOutage);
  }

  onDefect(error: unknown, operation: Operation): void {
    if (operation.kind === 'messages') this.#v1?.lose(operation.messages);
    this.context.onDefect(error, this, operation.kind);
  }

  onGap(): void {
    this.confirm();
  }

  /** Tell Redis one thing; the queue calls this for each in turn. */
  async execute(operation: Operation): Promise<void> {
    const { store, onPresence } = this.context;
    switch (operation.kind) {
      case 'join':
        return operation.resolve(await this.#enter(operation.member));
      case 'messages':
        return this.#executeMessages(operation.messages);
      case 'confirm':
        return new Confirmation(this.inside()).execute();
      case 'task':
        return operation.run();
      case 'leave': {
        const { memberId } = operation;
        const keeper = this.#v1 || isV1(memberId) ? this.context.v1 : store;
        const presence = await keeper.leave(this.id, [memberId]);
        if (presence) onPresence(presence);
        return;
      }
      case 'evidence': {
        const { id, evidence } = operation.member;
        const presence = await store.showEvidence(this.id, id, evidence);
        if (presence) onPresence(presence);
      }
    }
  }

  #enter(member: Member): Promise<JoinAttempt> {
    const enter = () => new Entrance(this.inside()).execute(member);
    return member.span ? member.span.run(enter) : enter();
  }

  /** From now on somebody in the room speaks `parley.v1`. */
  #speak(): V1Room {
    return (this.#v1 ??= new V1Room(this.inside()));
  }

  /** For those parts of a room that are not needed for every message. */
  inside(): RoomInside {
    const inside: RoomInside = {
      id: this.id,
      instanceId: this.instanceId,
      context: this.context,
      queue: this.#queue,
      feed: this.#feed,
      locals: this.#locals,
      heard: () => this.#arrivals?.heard ?? [],
      remotes: () => this.#remotes ?? NOBODY,
      v1: () => this.#v1,
      speak: () => this.#speak(),
      hasMember: (memberId) => this.hasMember(memberId),
      addRemote: (memberId, instanceId, seq) => this.#addRemote(memberId, instanceId, seq),
      removeRemote: (memberId) => this.#removeRemote(memberId),
      forgetRemote: (memberId) => void this.#remotes?.delete(memberId),
      confirm: () => this.confirm(),
      askForPlace: (ask) => (this.note ? this.note.withFirst(ask) : ask()),
      admit: (member, entered) => new Entrance(inside).admitSpeaker(member, entered),
      bury: (members) => new Entrance(inside).bury(members),
    };
    return inside;
  }

  /** Nobody may speak it any more. */
  #hush(): void {
    if (!this.#v1?.isOver) return;
    this.#v1.close();
    this.#v1 = undefined;
  }

  async #executeMessages(messages: readonly RelayedMessage[]): Promise<void> {
    if (this.#v1) return this.#executeKept(messages);
    // Everybody is here by now and got them directly.
    if (!this.#hasRemotes && this.#locals.size > 1) return;
    let result = await this.context.store.send(this.id, messages, this.#hasRemotes);
    if (result.outcome === 'absent' && this.#locals.size > 0) {
      await this.#confirmNow();
      result = await this.context.store.send(this.id, messages, false);
    }
    if (result.outcome === 'v1') return this.#executeKept(messages);
    this.#noteDropped(result);
  }

  async #confirmNow(): Promise<void> {
    await new Confirmation(this.inside()).execute().catch((error: unknown) => {
      // The feed waits for its end, whatever becomes of what is to be sent.
      this.confirm();
      throw error;
    });
  }

  /** Somebody speaks `parley.v1` and may miss them. */
  async #executeKept(messages: readonly RelayedMessage[]): Promise<void> {
    const v1 = this.#speak();
    let result = await v1.send(messages);
    if (result.outcome === 'absent' && this.#locals.size > 0) {
      await this.#confirmNow();
      result = await v1.send(messages);
    }
    this.#noteDropped(result);
  }

  #noteDropped(result: SendResult): void {
    if (result.outcome === 'held' && result.dropped > 0) {
      this.context.metrics.unsent.inc({ why: 'held-full' }, result.dropped);
    }
  }

  /** Something happened elsewhere; the feed calls this for each entry in turn. */
  apply(entry: Entry): void {
    if (entry.kind === 'messages') {
      for (const member of this.#locals.values()) deliverEntry(member, entry);
      this.#v1?.applied(entry.seq);
      if (isLossElsewhere(entry, this.instanceId)) this.#v1?.cutOff();
    } else if (entry.kind === 'joined') {
      for (const memberId of entry.memberIds) this.#addRemote(memberId, entry.instanceId, entry.seq);
    } else if (entry.kind === 'entered') {
      this.#speak().entered(entry);
    } else if (entry.kind === 'away') {
      this.#speak().wentAway(entry);
    } else {
      for (const memberId of entry.memberIds) this.#removeRemote(memberId, entry.seq);
      // Others took this instance for dead, and some of its members out.
      if (entry.memberIds.some((memberId) => this.#locals.has(memberId))) this.confirm();
    }
  }

  /** @param seq number of the entry that says so, or of the last before the join that did; members after it know */
  #addRemote(memberId: string, instanceId: string, seq?: number): void {
    if (instanceId === this.context.store.instanceId) return;
    this.#remotes ??= new Set();
    const isNew = !this.#remotes.has(memberId);
    this.#remotes.add(memberId);
    if (isNew) for (const member of this.#locals.values()) member.isBack(memberId);
    if (isV1(memberId)) this.#speak();
    if (!this.#v1) return;
    if (isNew && seq !== undefined) this.#v1.joined(memberId, seq);
    this.#v1.settle();
  }

  #removeRemote(memberId: string, seq?: number): void {
    if (!this.#remotes?.delete(memberId)) return;
    this.#tellGone(memberId, seq);
    this.#v1?.settle();
    this.#hush();
  }

  /** @param seq number of the entry that says so: whoever joined after it never met that member */
  #tellGone(memberId: string, seq = Infinity): void {
    for (const member of this.#locals.values()) {
      if (seq <= member.joinedAtSeq) continue;
      member.mayForget(memberId);
      member.tellGone(memberId);
    }
    this.#v1?.left(memberId, seq);
  }
}
