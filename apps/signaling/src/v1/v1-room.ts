import { closes, type ServerMessage } from '@parley/protocol';
import {
  decodeUser,
  type Departure,
  type Entry,
  type Membership,
  type RelayedMessage,
  type V1Entered,
} from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import type { JoinOutcome, OperationQueue } from '../room/queue.js';
import type { RoomContext } from '../room/room.js';
import { hand } from './audience.js';
import { Record } from './record.js';
import { isV1 } from './resume-token.js';
import { takeOverRequest } from './take-over.js';
import { V1Member } from './v1-member.js';
import { welcome } from './welcome.js';

/** A member that another instance seems to have is asked for after so many ms, and then taken over. */
const LET_GO_MS = [20, 40, 80, 160, 300, 400];

/** What a room lends to its part that speaks `parley.v1`. */
export interface RoomParts {
  readonly id: string;
  readonly instanceId: string;
  readonly context: RoomContext;
  readonly queue: OperationQueue;
  readonly locals: Map<string, Member>;
  readonly remotes: () => ReadonlySet<string>;
  /** Let in who has entered: what it has to get goes in one go. */
  readonly admit: (member: V1Member, entered: V1Entered) => void;
  readonly addRemote: (memberId: string) => void;
  readonly confirm: () => void;
  /** A room is full: retire those of its members whose instances are dead. */
  readonly bury: (members: readonly Membership[]) => Promise<'retired' | 'perhaps' | 'none'>;
}

/**
 * What a room does besides while somebody in it speaks `parley.v1`: presence, and keeping what may have been missed.
 * While all members are present here it keeps the last messages to itself; otherwise everything goes through Redis,
 * which keeps it (S4).
 */
export class V1Room {
  readonly #record = new Record();
  /** Whether everything goes through Redis; `closing`: until Redis has heard that it does not any more. */
  #logging: 'on' | 'closing' | 'off' = 'off';
  /** Members that may come back. */
  readonly #away = new Set<string>();
  readonly #users = new Map<string, string>();
  #arriving = 0;

  constructor(private readonly room: RoomParts) {}

  /** Nobody here or elsewhere speaks it any more. */
  get isOver(): boolean {
    return this.#arriving === 0 && !this.#hasSpeakers && ![...this.room.remotes()].some(isV1);
  }

  /** Members here that speak it. */
  *speakers(): Iterable<V1Member> {
    for (const member of this.room.locals.values()) if (member instanceof V1Member) yield member;
  }

  get #hasSpeakers(): boolean {
    for (const _ of this.speakers()) return true;
    return false;
  }

  userOf(memberId: string): string | undefined {
    return this.#users.get(memberId);
  }

  isAway(memberId: string): boolean {
    return this.#away.has(memberId);
  }

  /** Relay a numbered message to whom it is for. */
  relay(message: RelayedMessage, asItCame: string | Buffer): void {
    for (const peer of this.room.locals.values()) hand(peer, message, asItCame);
    if (this.#logging === 'off') this.#record.add(message);
    else this.#send(message);
  }

  #send(message: RelayedMessage): void {
    const { queue, context } = this.room;
    if (queue.bytes + message.text.length > context.outboxMaxBytes) {
      context.metrics.unsent.inc({ why: 'outbox-full' });
      this.#record.addLoss(message);
      return;
    }
    queue.pushMessage(message);
    context.schedule(queue);
  }

  /** Who is here has changed, or somebody is about to come: decide who has to be able to find the messages. */
  settle(): void {
    const { locals, remotes, queue } = this.room;
    const isNeeded = remotes().size > 0 || locals.size < 2 || this.#arriving > 0 || queue.hasJoin;
    if (isNeeded && this.#logging !== 'on') this.#log();
    else if (!isNeeded && this.#logging === 'on') this.#unlog();
  }

  #log(departures: readonly (Omit<Departure, 'agoMs'> & { readonly atMs: number })[] = []): void {
    this.#logging = 'on';
    const { id, queue, context } = this.room;
    queue.push({
      kind: 'task',
      run: async () => {
        const now = performance.now();
        const gone = departures.map(({ memberId, sent, atMs }) => ({ memberId, sent, agoMs: now - atMs }));
        const nextMs = await context.v1.log(id, this.#record.content, gone);
        this.#record.clear();
        if (nextMs !== undefined) context.absences.expect(id, nextMs);
      },
    });
    context.schedule(queue);
  }

  #unlog(): void {
    this.#logging = 'closing';
    const { id, queue, context } = this.room;
    queue.push({
      kind: 'task',
      run: async () => {
        if (this.#logging !== 'closing') return;
        const index = await context.v1.unlog(id);
        if (this.#logging !== 'closing') return;
        this.#record.begin(index);
        this.#logging = 'off';
      },
    });
    context.schedule(queue);
  }

  /** Somebody begins to join: from now on nothing may pass it by. */
  expectJoin(isSpeaker: boolean): void {
    if (isSpeaker) this.#arriving += 1;
    if (this.#logging !== 'on') this.#log();
  }

  joinEnded(isSpeaker: boolean): void {
    if (isSpeaker) this.#arriving -= 1;
    this.settle();
  }

  /** Let a member join or resume; runs in the room's queue. */
  async enter(member: V1Member): Promise<JoinOutcome | 'perhaps' | 'elsewhere'> {
    const { room } = this;
    const entrant = {
      memberId: member.id,
      evidence: member.evidence,
      userId: member.userId,
      tokenHash: member.tokenHash,
      presented: member.returning,
    };
    try {
      let result = await room.context.v1.enter(room.id, entrant, member.isForced);
      if (result.outcome === 'full') {
        const judged = await room.bury(result.members);
        if (judged === 'retired') result = await room.context.v1.enter(room.id, entrant, member.isForced);
        if (result.outcome === 'full') return judged === 'perhaps' ? 'perhaps' : 'full';
      }
      if (result.outcome === 'elsewhere') {
        member.holder = result.instanceId;
        return 'elsewhere';
      }
      if (result.outcome === 'resumed' && member.returning) member.id = member.returning.memberId;
      room.admit(member, result);
      return 'joined';
    } catch (error) {
      this.#undo(member);
      throw error;
    }
  }

  /** It may have entered all the same, with only the answer lost. */
  #undo(member: V1Member): void {
    const { queue } = this.room;
    queue.push({ kind: 'leave', memberId: member.id });
    if (member.returning) {
      this.#log([{ memberId: member.returning.memberId, sent: -1, atMs: performance.now() }]);
    }
  }

  /** Ask the instance that has a member to let go of it; after a while it is taken over. */
  async letGo(member: V1Member, attempt: number): Promise<void> {
    const { id, context, instanceId } = this.room;
    const memberId = member.returning?.memberId ?? '';
    const waitMs = LET_GO_MS[attempt];
    if (waitMs === undefined) {
      member.isForced = true;
      return;
    }
    if (member.holder === instanceId) context.release(id, memberId);
    else if (!(await context.ask(member.holder ?? '', takeOverRequest(id, memberId)))) {
      member.isForced = true;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** Everything that a member gets on its way in, before it is one of those here. */
  welcome(member: V1Member, entered: V1Entered, later: readonly Entry[], gone: ReadonlySet<string>): void {
    for (const [memberId, userId] of entered.users) this.#users.set(memberId, userId);
    for (const { memberId, instanceId } of entered.members) {
      if (instanceId === '-') this.#away.add(memberId);
      else this.#away.delete(memberId);
    }
    for (const entry of later) {
      if (entry.kind === 'entered') this.#noteUser(entry.memberId, entry.user);
    }
    this.#away.delete(member.id);
    if (member.userId !== undefined) this.#users.set(member.id, member.userId);
    this.#logging = 'on';
    const peers = new Set(entered.members.map(({ memberId }) => memberId));
    for (const entry of later) {
      if (entry.kind === 'joined') for (const memberId of entry.memberIds) peers.add(memberId);
      else if (entry.kind === 'entered') peers.add(entry.memberId);
    }
    peers.delete(member.id);
    welcome(member, entered, {
      roomId: this.room.id,
      graceMs: this.room.context.graceMs,
      peers: [...peers]
        .filter((memberId) => !gone.has(memberId))
        .map((memberId) => ({
          memberId,
          userId: this.#users.get(memberId),
          isAway: this.#away.has(memberId),
        })),
    });
  }

  /** Members of other instances, in the order of the feed. */
  entered({ memberId, user, isBack, seq, instanceId }: Extract<Entry, { kind: 'entered' }>): void {
    const { locals, remotes } = this.room;
    if (instanceId === this.room.instanceId) return;
    const local = locals.get(memberId);
    // An entry from before it came here.
    if (local && seq <= local.joinedAtSeq) return;
    const isNews = this.#away.delete(memberId) || !remotes().has(memberId);
    this.#noteUser(memberId, user);
    locals.delete(memberId);
    this.room.addRemote(memberId);
    if (isNews) this.#tellJoined(memberId, isBack, seq);
    this.settle();
    local?.socket.close(closes.resumedElsewhere);
  }

  /** Members are away, says Redis. */
  wentAway({ memberIds, leftMs, seq }: Extract<Entry, { kind: 'away' }>): void {
    this.room.context.absences.expect(this.room.id, leftMs);
    for (const memberId of memberIds) {
      const local = this.room.locals.get(memberId);
      // Others took this instance for dead.
      if (local && seq > local.joinedAtSeq) this.room.confirm();
      if (local || this.#away.has(memberId)) continue;
      this.#away.add(memberId);
      this.room.addRemote(memberId);
      this.#tell({ type: 'peer-away', memberId }, seq);
    }
    this.settle();
  }

  /** A member here has lost its connection: its place is kept. */
  leaves(member: V1Member): void {
    this.#away.add(member.id);
    this.room.addRemote(member.id);
    this.#tell({ type: 'peer-away', memberId: member.id });
    this.#log([{ memberId: member.id, sent: member.sent, atMs: performance.now() }]);
    this.room.context.absences.expect(this.room.id, this.room.context.graceMs);
  }

  /** A member has joined here, or was heard of. */
  joined(memberId: string, seq?: number): void {
    this.#tellJoined(memberId, false, seq);
  }

  /** A member here has resumed. */
  resumed(memberId: string): void {
    this.#tellJoined(memberId, true);
  }

  /** A member is gone for good. */
  left(memberId: string): void {
    this.#away.delete(memberId);
    this.#users.delete(memberId);
  }

  /**
   * Say again which members are here, in the queue: Redis may have lost it.
   * @returns those that other instances have taken over
   */
  async reclaim(): Promise<string[]> {
    const claims = [...this.speakers()].map(({ id, evidence, order, sent, userId, tokenHash }) => ({
      memberId: id,
      evidence,
      order,
      sent,
      userId,
      tokenHash,
    }));
    const taken = claims.length > 0 ? await this.room.context.v1.reclaim(this.room.id, claims) : [];
    // Whether Redis still knows that everything goes through it is not sure either.
    if (this.#logging !== 'off' && claims.length > 0) this.#log();
    return taken;
  }

  /** Members here may have missed something: they can resume, and get it or are told. */
  cutOff(): void {
    for (const member of this.speakers()) member.socket.close(closes.serviceUnavailable);
  }

  #noteUser(memberId: string, user: string): void {
    const userId = decodeUser(user);
    if (userId !== undefined) this.#users.set(memberId, userId);
  }

  #tellJoined(memberId: string, isBack: boolean, seq?: number): void {
    const userId = this.#users.get(memberId);
    this.#tell(
      {
        type: 'peer-joined',
        memberId,
        ...(userId !== undefined && { userId }),
        ...(isBack && { resumed: true as const }),
      },
      seq,
      memberId,
    );
  }

  /** @param seq number of the entry that says so: who joined after it knows */
  #tell(message: ServerMessage, seq = Infinity, except?: string): void {
    for (const member of this.speakers()) {
      if (member.id !== except && seq > member.joinedAtSeq) member.tell(message);
    }
  }
}
