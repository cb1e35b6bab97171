import { setTimeout as delay } from 'node:timers/promises';
import { closes, serverMessages } from '@parley/protocol';
import {
  ANNOUNCER,
  type Entered,
  type Entry,
  type Membership,
  type Presence,
  type RelayedMessage,
  type SignalingStore,
} from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import type { SignalingMetrics } from '../metrics.js';
import { Feed, type FeedOwner } from './feed.js';
import { OperationQueue, type JoinOutcome, type Operation, type QueueOwner } from './queue.js';

const PEER_DISCONNECTED = JSON.stringify(serverMessages.peerDisconnected);

/** A full room with members of an instance that seems to be gone is tried again for 3 s, until that is known. */
const SUSPECT_MS = 500;
const SUSPECT_ATTEMPTS = 7;

/** What all rooms of an instance share. */
export interface RoomContext {
  readonly store: SignalingStore;
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
    try {
      await opened;
      for (let attempt = 1; ; attempt += 1) {
        let outcome = await this.#tryJoin(member);
        while (outcome === 'leaving') outcome = await this.#tryJoin(member);
        if (outcome !== 'perhaps') return outcome;
        if (attempt === SUSPECT_ATTEMPTS) return 'full';
        await delay(SUSPECT_MS);
      }
    } finally {
      this.#arriving -= 1;
      if (this.isOver) this.context.onIdle(this);
    }
  }

  #tryJoin(member: Member): Promise<JoinOutcome | 'perhaps' | 'leaving'> {
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
    this.#queue.start();
  }

  /**
   * Relay a message to all other members, wherever they are.
   * @param message the text, or the same in UTF-8 as it came
   */
  relay(member: Member, text: string, message: string | Buffer): void {
    const n = ++member.sent;
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

  /** An entry came through the room's channel. */
  take(entry: string): void {
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
    this.context.onIdle(this);
  }

  onStalled(isOutage: boolean): void {
    this.context.onStalled(this, isOutage);
  }

  onDefect(error: unknown, { kind }: Operation): void {
    this.context.onDefect(error, this, kind);
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
      case 'leave': {
        const presence = await store.leave(this.id, [operation.memberId]);
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

  async #executeJoin(member: Member): Promise<JoinOutcome | 'perhaps' | 'leaving'> {
    const entrant = { memberId: member.id, evidence: member.evidence };
    this.#feed.record();
    try {
      let entered = await this.context.store.join(this.id, [entrant]);
      const judged = entered.refused.length > 0 ? await this.#judge(entered.members) : undefined;
      if (judged && judged.dead.length > 0) {
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
    for (const { from, n, text } of this.#queue.waitingMessages()) {
      if (this.#locals.has(from)) member.deliver(from, n, text);
    }
    for (const { memberId, instanceId } of members) {
      if (!gone.has(memberId)) this.#addRemote(memberId, instanceId);
    }
    if (this.#feed.seen === undefined) this.#feed.resume(seq);
  }

  /** Who left while Redis answered: members of this instance that are here no more, and whom later entries name. */
  #goneAmong(members: readonly Membership[], later: readonly Entry[] = []): Set<string> {
    const gone = new Set(later.flatMap((entry) => (entry.kind === 'left' ? entry.memberIds : [])));
    for (const { memberId, instanceId } of members) {
      if (instanceId === this.instanceId && !this.#locals.has(memberId)) gone.add(memberId);
    }
    return gone;
  }

  async #executeMessages(messages: readonly RelayedMessage[]): Promise<void> {
    // Everybody is here by now and got them directly.
    if (!this.#hasRemotes && this.#locals.size > 1) return;
    let result = await this.context.store.send(this.id, messages, this.#hasRemotes);
    if (result.outcome === 'absent' && this.#locals.size > 0) {
      await this.#executeConfirm().catch((error: unknown) => {
        // The feed waits for its end, whatever becomes of the messages.
        this.confirm();
        throw error;
      });
      result = await this.context.store.send(this.id, messages, false);
    }
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
    const entered = await this.context.store.join(this.id, entrants, { since });
    if (since !== undefined && entered.seq !== since) {
      const repaired = this.#feed.catchUp(entered.entries, entered.seq);
      this.context.metrics.gapsRepaired.inc({ repaired: String(repaired) });
    }
    const gone = this.#goneAmong(entered.members);
    for (const { from, n, text } of entered.held) {
      if (gone.has(from)) continue;
      for (const member of this.#locals.values()) if (member.id !== from) member.deliver(from, n, text);
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
    } else if (entry.kind === 'joined') {
      for (const memberId of entry.memberIds) this.#addRemote(memberId, entry.instanceId);
    } else {
      for (const memberId of entry.memberIds) this.#removeRemote(memberId, entry.seq);
      // Others took this instance for dead, and some of its members out.
      if (entry.memberIds.some((memberId) => this.#locals.has(memberId))) this.confirm();
    }
  }

  #addRemote(memberId: string, instanceId: string): void {
    if (instanceId === this.context.store.instanceId) return;
    this.#remotes ??= new Set();
    this.#remotes.add(memberId);
  }

  #removeRemote(memberId: string, seq?: number): void {
    if (this.#remotes?.delete(memberId)) this.#tellGone(memberId, seq);
  }

  /** @param seq number of the entry that says so: whoever joined after it never met that member */
  #tellGone(memberId: string, seq = Infinity): void {
    for (const member of this.#locals.values()) {
      if (seq <= member.joinedAtSeq) continue;
      member.forget(memberId);
      member.socket.send(PEER_DISCONNECTED);
    }
  }

  async #judge(members: readonly Membership[]) {
    const others = new Set(members.map(({ instanceId }) => instanceId));
    others.delete(this.context.store.instanceId);
    return others.size > 0 ? this.context.judge([...others]) : undefined;
  }
}

function deliverEntry(
  member: Member,
  entry: Extract<Entry, { kind: 'messages' }>,
  gone?: ReadonlySet<string>,
): void {
  if (entry.seq <= member.joinedAtSeq) return;
  for (const { from, n, text } of entry.messages) {
    if (gone?.has(from)) continue;
    if (entry.instanceId === ANNOUNCER) member.socket.send(text);
    else member.deliver(from, n, text);
  }
}
