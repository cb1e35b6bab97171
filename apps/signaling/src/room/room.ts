import { setTimeout as delay } from 'node:timers/promises';
import { closes } from '@parley/protocol';
import {
  ANNOUNCER,
  type Entered,
  type Entry,
  type Membership,
  type Presence,
  type RelayedMessage,
  type SendResult,
  type SignalingStore,
  type V1Entered,
  type V1Store,
} from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import type { SignalingMetrics } from '../metrics.js';
import { hand } from '../v1/audience.js';
import { isV1 } from '../v1/resume-token.js';
import { V1Member } from '../v1/v1-member.js';
import { V1Room } from '../v1/v1-room.js';
import { Feed, type FeedOwner } from './feed.js';
import {
  OperationQueue,
  type JoinAttempt,
  type JoinOutcome,
  type Operation,
  type QueueOwner,
} from './queue.js';

/** What comes through the channel without a number: nobody has to get it. */
const HINT = '0\n';

/** In place of its instance, for a member that is not here: one that is away has none. */
const ELSEWHERE = '-';
const NOBODY: ReadonlySet<string> = new Set();

/** A full room with members of an instance that seems to be gone is tried again for 3 s, until that is known. */
const SUSPECT_MS = 500;
const SUSPECT_ATTEMPTS = 7;

/** What all rooms of an instance share. */
export interface RoomContext {
  readonly store: SignalingStore;
  readonly v1: V1Store;
  /** How long the place of a member of `parley.v1` that is away is kept. */
  readonly graceMs: number;
  /** An absence in a room ends in so many ms. */
  readonly absences: { expect(roomId: string, inMs: number): void };
  /** Retire the members of a dead instance. */
  readonly retire: (roomId: string, instanceId: string) => Promise<unknown>;
  /** Let go of a member that resumes elsewhere. */
  readonly release: (roomId: string, memberId: string) => void;
  /** Ask something of another instance. @returns false when it does not listen */
  readonly ask: (instanceId: string, request: string) => Promise<boolean>;
  /** Note that this instance has members in a room: its survivors look there. */
  readonly index: { add(roomId: string): Promise<void> };
  readonly metrics: SignalingMetrics;
  /** Whether this instance has been alive for long enough to judge which others are not. */
  readonly mayJudge: () => boolean;
  /** Which instances are dead, and of which it will be known shortly. */
  readonly judge: (instanceIds: readonly string[]) => Promise<{ dead: string[]; suspects: string[] }>;
  /** Redis has lost what it was told. */
  readonly onLoss: () => void;
  readonly onPresence: (presence: Presence) => void;
  /** Run a room's queue at the end of this tick, so that what comes in one tick goes out together. */
  readonly schedule: (queue: OperationQueue) => void;
  readonly onIdle: (room: Room) => void;
  readonly onStalled: (room: Room, isOutage: boolean) => void;
  readonly onDefect: (error: unknown, room: Room, operation: string) => void;
  readonly outboxMaxBytes: number;
}

/**
 * One room as this instance sees it. Members here get each other's messages directly; everything else goes through
 * Redis in the order of the queue, and comes back in the order of the feed.
 */
export class Room implements QueueOwner, FeedOwner {
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
  /** Joins that began and did not end: the room must stay. */
  #arriving = 0;

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
    return this.#locals.size === 0 && this.#arriving === 0 && this.#queue.isIdle;
  }

  /**
   * Let a member join. Resolves once it got what was held for it and can send.
   * @param opened resolves when the room's channel is subscribed; undefined when it is already
   * @throws RedisUnavailableError
   */
  async join(member: Member, opened: Promise<void> | undefined): Promise<JoinOutcome> {
    this.#arriving += 1;
    const isSpeaker = member instanceof V1Member;
    if (isSpeaker) this.#speak();
    this.#v1?.expectJoin(isSpeaker);
    try {
      await opened;
      let asked = 0;
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await this.#tryJoin(member);
        if (outcome === 'joined' || outcome === 'full') return outcome;
        if (outcome === 'leaving' || outcome === 'elsewhere') {
          if (outcome === 'elsewhere' && isSpeaker) await this.#v1?.letGo(member, asked++);
          attempt = 0;
          continue;
        }
        if (attempt === SUSPECT_ATTEMPTS) return 'full';
        await delay(SUSPECT_MS);
      }
    } finally {
      this.#arriving -= 1;
      this.#v1?.joinEnded(isSpeaker);
      this.#hush();
      if (this.isOver) this.context.onIdle(this);
    }
  }

  #tryJoin(member: Member): Promise<JoinAttempt> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ kind: 'join', member, resolve, reject });
      this.context.schedule(this.#queue);
    });
  }

  /** A member is gone. The others here are told at once, those elsewhere by Redis. */
  leave(member: Member): void {
    if (!this.#locals.delete(member.id)) return;
    this.#tellGone(member.id);
    this.#queue.push({ kind: 'leave', memberId: member.id });
    this.#v1?.settle();
    this.#hush();
    this.#queue.start();
  }

  /** A member that may come back has lost its connection. */
  goesAway(member: V1Member): void {
    if (!this.#locals.delete(member.id)) return;
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
    if (entry.startsWith(HINT)) return this.#v1?.hinted(entry.slice(HINT.length));
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
        return operation.resolve(await this.#executeJoin(operation.member));
      case 'messages':
        return this.#executeMessages(operation.messages);
      case 'confirm':
        return this.#executeConfirm();
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

  async #executeJoin(member: Member): Promise<JoinAttempt> {
    const entrant = { memberId: member.id, evidence: member.evidence };
    this.#feed.record();
    if (member instanceof V1Member) {
      return this.#speak()
        .enter(member)
        .finally(() => this.#feed.recorded());
    }
    try {
      let entered = await this.context.store.join(this.id, [entrant]);
      const judged = entered.refused.length > 0 ? await this.#judge(entered.members) : undefined;
      if (judged && judged.dead.length > 0) {
        if (this.#v1) for (const instanceId of judged.dead) await this.context.retire(this.id, instanceId);
        entered = await this.context.store.join(this.id, [entrant], { dead: judged.dead });
      }
      if (entered.presence) this.context.onPresence(entered.presence);
      if (entered.refused.length > 0) {
        // Whoever has left here gave its place up, be it that Redis hears of it after this.
        if (this.#queue.hasLeave) return 'leaving';
        return judged && judged.suspects.length > 0 ? 'perhaps' : 'full';
      }
      this.#admit(member, entered);
      return 'joined';
    } catch (error) {
      // It may have been done all the same, with only the answer lost.
      this.#queue.push({ kind: 'leave', memberId: member.id });
      throw error;
    } finally {
      this.#feed.recorded();
    }
  }

  /**
   * In one go, so that no message comes between: held ones, those meant for it meanwhile, then the direct way. Nothing
   * of a member that has left since the join was counted: the newcomer was not here to be told of it.
   */
  #admit(member: Member, { seq, members, held }: Entered): void {
    member.joinedAtSeq = seq;
    member.order = members.find(({ memberId }) => memberId === member.id)?.order;
    this.#locals.set(member.id, member);
    const recorded = this.#feed.recorded().filter((entry) => entry.seq > seq);
    const gone = this.#goneAmong(members, recorded);
    for (const { from, n, text } of held) if (!gone.has(from)) member.deliver(from, n, text);
    for (const entry of recorded) if (entry.kind === 'messages') deliverEntry(member, entry, gone);
    this.#handWaiting(member);
    for (const { memberId, instanceId } of members) {
      if (!gone.has(memberId)) this.#addRemote(memberId, instanceId);
    }
    if (this.#feed.seen === undefined) this.#feed.resume(seq);
    this.#v1?.joined(member.id);
  }

  #handWaiting(member: Member): void {
    for (const message of this.#queue.waitingMessages()) {
      if (this.hasMember(message.from)) hand(member, message, message.text);
    }
  }

  /** The same for a member that speaks `parley.v1`. */
  #admitSpeaker(member: V1Member, entered: V1Entered): void {
    const { seq, members, held } = entered;
    member.joinedAtSeq = seq;
    const own = members.find(({ memberId }) => memberId === member.id);
    member.order = own?.order;
    if (own) member.evidence = own.evidence;
    this.#remotes?.delete(member.id);
    const recorded = this.#feed.recorded().filter((entry) => entry.seq > seq);
    const gone = this.#goneAmong(
      members.filter(({ memberId }) => memberId !== member.id),
      recorded,
    );
    this.#locals.set(member.id, member);
    this.#speak().welcome(member, entered, recorded, gone);
    for (const message of held) if (!gone.has(message.from)) hand(member, message, message.text);
    for (const entry of recorded) if (entry.kind === 'messages') deliverEntry(member, entry, gone);
    this.#handWaiting(member);
    for (const { memberId, instanceId } of members) {
      if (!gone.has(memberId)) this.#addRemote(memberId, instanceId);
    }
    if (this.#feed.seen === undefined) this.#feed.resume(seq);
    if (entered.outcome === 'resumed') this.#v1?.resumed(member.id);
    else this.#v1?.speakerJoined(member);
    if (entered.presence) this.context.onPresence(entered.presence);
  }

  /** From now on somebody in the room speaks `parley.v1`. */
  #speak(): V1Room {
    this.#v1 ??= new V1Room({
      id: this.id,
      instanceId: this.instanceId,
      context: this.context,
      queue: this.#queue,
      locals: this.#locals,
      remotes: () => this.#remotes ?? NOBODY,
      admit: (member, entered) => this.#admitSpeaker(member, entered),
      addRemote: (memberId) => this.#addRemote(memberId, ELSEWHERE),
      confirm: () => this.confirm(),
      seen: () => this.#feed.seen ?? 0,
      bury: (members) => this.#bury(members),
    });
    return this.#v1;
  }

  /** Nobody may speak it any more. */
  #hush(): void {
    if (!this.#v1?.isOver) return;
    this.#v1.close();
    this.#v1 = undefined;
  }

  async #bury(members: readonly Membership[]): Promise<'retired' | 'perhaps' | 'none'> {
    const judged = await this.#judge(members);
    for (const instanceId of judged?.dead ?? []) await this.context.retire(this.id, instanceId);
    if (judged && judged.dead.length > 0) return 'retired';
    return judged && judged.suspects.length > 0 ? 'perhaps' : 'none';
  }

  /** Who left while Redis answered: members of this instance that are here no more, and whom later entries name. */
  #goneAmong(members: readonly Membership[], later: readonly Entry[] = []): Set<string> {
    const gone = new Set(later.flatMap((entry) => (entry.kind === 'left' ? entry.memberIds : [])));
    for (const { memberId, instanceId } of members) {
      if (instanceId === this.instanceId && !this.hasMember(memberId)) gone.add(memberId);
    }
    return gone;
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
    await this.#executeConfirm().catch((error: unknown) => {
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

  async #executeConfirm(): Promise<void> {
    if (this.#locals.size === 0) return;
    // Who took this instance for dead, or a Redis that lost its data, has forgotten that it has members here (S5).
    await this.context.index.add(this.id);
    if (this.#locals.size === 0) return;
    this.#feed.pause();
    const entrants = [...this.#locals.values()].map(({ id, evidence, order }) => ({
      memberId: id,
      evidence,
      ...(order !== undefined && { order }),
    }));
    const since = this.#feed.seen;
    let mayMiss = false;
    const entered = await this.context.store.join(this.id, entrants, { since });
    if (since !== undefined && entered.seq !== since) {
      const repaired = this.#feed.catchUp(entered.entries, entered.seq);
      this.context.metrics.gapsRepaired.inc({ repaired: String(repaired) });
      mayMiss = !repaired;
    }
    const gone = this.#goneAmong(entered.members);
    for (const { from, n, text } of entered.held) {
      if (gone.has(from)) continue;
      for (const member of this.#locals.values()) if (member.id !== from) member.deliver(from, n, text);
    }
    for (const memberId of (await this.#v1?.reclaim()) ?? []) {
      const member = this.#locals.get(memberId);
      this.#locals.delete(memberId);
      this.#addRemote(memberId, ELSEWHERE);
      member?.socket.close(closes.resumedElsewhere);
    }
    // Our own were not there: Redis has lost data, and perhaps others' members as well.
    if (entered.added > 0) this.context.onLoss();
    this.#reconcile(entered.members);
    for (const memberId of entered.refused) {
      this.#locals.get(memberId)?.socket.close(closes.serviceUnavailable);
    }
    if (entered.presence) this.context.onPresence(entered.presence);
    // A failover may have lost the last entries: their numbers come again, and are for everybody who is here now.
    for (const member of this.#locals.values()) {
      member.joinedAtSeq = Math.min(member.joinedAtSeq, entered.seq);
    }
    this.#feed.resume(entered.seq);
    if (mayMiss) this.#v1?.cutOff();
  }

  /** Take over who is elsewhere. Right after an outage others may only not have come back yet: they stay for now. */
  #reconcile(members: readonly Membership[]): void {
    for (const { memberId, instanceId } of members) this.#addRemote(memberId, instanceId);
    if (!this.context.mayJudge()) return;
    const present = new Set(members.map(({ memberId }) => memberId));
    for (const memberId of this.#remotes ?? []) {
      if (!present.has(memberId)) this.#removeRemote(memberId);
    }
  }

  /** Something happened elsewhere; the feed calls this for each entry in turn. */
  apply(entry: Entry): void {
    if (entry.kind === 'messages') {
      for (const member of this.#locals.values()) deliverEntry(member, entry);
      this.#v1?.applied(entry.seq);
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

  /** @param seq number of the entry that says so, if it joined just now */
  #addRemote(memberId: string, instanceId: string, seq?: number): void {
    if (instanceId === this.context.store.instanceId) return;
    this.#remotes ??= new Set();
    const isNew = !this.#remotes.has(memberId);
    this.#remotes.add(memberId);
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
      member.forget(memberId);
      member.tellGone(memberId);
    }
    this.#v1?.left(memberId, seq);
  }

  async #judge(members: readonly Membership[]) {
    const others = new Set(members.map(({ instanceId }) => instanceId));
    others.delete(this.context.store.instanceId);
    others.delete(ELSEWHERE);
    return others.size > 0 ? this.context.judge([...others]) : undefined;
  }
}

function deliverEntry(
  member: Member,
  entry: Extract<Entry, { kind: 'messages' }>,
  gone?: ReadonlySet<string>,
): void {
  if (entry.seq <= member.joinedAtSeq) return;
  for (const message of entry.messages) {
    const { from, n, text, to } = message;
    if (gone?.has(from)) continue;
    if (entry.instanceId === ANNOUNCER) member.socket.send(text);
    else if (to === undefined) member.deliver(from, n, text);
    else hand(member, message, text);
  }
}
