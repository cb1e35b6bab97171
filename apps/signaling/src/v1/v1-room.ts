import { closes, type ServerMessage } from '@parley/protocol';
import {
  decodeUser,
  type Departure,
  type Entry,
  type RelayedMessage,
  type SendResult,
  type V1Entered,
} from '@parley/redis-scripts';
import type { JoinAttempt } from '../room/queue.js';
import { ELSEWHERE, type RoomInside } from '../room/inside.js';
import { hand } from './audience.js';
import { Recent } from './recent.js';
import { Record } from './record.js';
import { Chats } from './chats.js';
import { peersOf } from './newcomer.js';
import { isV1 } from './resume-token.js';
import { Typists } from './typists.js';
import { Users } from './users.js';
import { V1Member } from './v1-member.js';
import { welcome } from './welcome.js';

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
  /** What Redis was told last. */
  readonly #recent = new Recent();
  #hasLosses = false;
  readonly #users = new Users();
  /** Who types. */
  readonly typists: Typists;
  readonly #chats: Chats;
  #arriving = 0;

  constructor(private readonly room: RoomInside) {
    this.typists = new Typists(room, (from, state) =>
      this.#tell({ type: 'typing', from, state }, undefined, from),
    );
    this.#chats = new Chats(room, (message) => this.#handAll(message));
  }

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

  /** Say something to all. @returns false when Redis does not answer */
  async chat(member: V1Member, n: number, text: string): Promise<boolean> {
    this.typists.stop(member.id);
    return this.#chats.say(member, n, text);
  }

  /** Whether a user is here or elsewhere in the room, as another member than this one. */
  hasUser(userId: string, except: string): boolean {
    return this.#users.has(userId, except);
  }

  /** Entries up to this one were applied. */
  applied(seq: number): void {
    this.#chats.applied(seq);
  }

  /** Nobody speaks it here any more. */
  close(): void {
    this.typists.close();
  }

  #handAll(message: RelayedMessage): void {
    for (const peer of this.room.locals.values()) hand(peer, message, message.text);
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
      this.lose([message]);
      return;
    }
    queue.pushMessage(message);
    context.schedule(queue);
  }

  /** Messages are lost on their way to Redis: whoever needs them is told that something may be missing. */
  lose(messages: readonly RelayedMessage[]): void {
    for (const message of messages) this.#record.addLoss(message);
    if (this.#hasLosses) return;
    this.#hasLosses = true;
    this.#log();
  }

  /** Publish messages in the queue's turn, and what Redis may have lost of those before (S3: nobody gets them twice). */
  async send(messages: readonly RelayedMessage[]): Promise<SendResult> {
    const all = this.#recent.isDoubtful ? [...this.#recent.all, ...messages] : messages;
    const result = await this.room.context.v1.send(this.room.id, all);
    this.#recent.add(messages);
    return result;
  }

  /** Redis was away: another one may answer now, that has not heard of the last things. */
  doubt(): void {
    this.#recent.isDoubtful = true;
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
      // A member that is away would stay for ever.
      isDue: true,
      run: async () => {
        const now = performance.now();
        const gone = departures.map(({ memberId, sent, atMs }) => ({ memberId, sent, agoMs: now - atMs }));
        this.#hasLosses = false;
        const nextMs = await context.v1.log(id, this.#record.content, gone);
        if (!this.#hasLosses) this.#record.clear();
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
  async enter(member: V1Member): Promise<JoinAttempt> {
    const { room } = this;
    const entrant = {
      memberId: member.id,
      evidence: member.evidence,
      userId: member.userId,
      tokenHash: member.tokenHash,
      presented: member.returning,
    };
    try {
      const ask = () => room.context.v1.enter(room.id, entrant, member.isForced);
      let result = await room.askForPlace(ask);
      if (result.outcome === 'full') {
        const judged = await room.bury(result.members);
        if (judged === 'retired') result = await ask();
        if (result.outcome === 'full') {
          if (room.queue.hasLeave) return 'leaving';
          return judged === 'perhaps' ? 'perhaps' : 'full';
        }
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

  /** Everything that a member gets on its way in, before it is one of those here. */
  welcome(member: V1Member, entered: V1Entered, later: readonly Entry[], gone: ReadonlySet<string>): void {
    this.#learn(member, entered);
    this.#away.delete(member.id);
    this.#logging = 'on';
    const { id: roomId, context } = this.room;
    const known = { users: this.#users, away: this.#away, gone };
    const peers = peersOf(member.id, entered, later, known);
    const recovered = welcome(member, entered, { roomId, graceMs: context.graceMs, peers });
    if (recovered !== undefined) context.metrics.resumes.inc({ recovered: String(recovered) });
  }

  /**
   * What a join has brought before the channel has: those who were here already are told now, since what the channel
   * tells then is no news any more.
   */
  #learn(member: V1Member, { users, members, seq }: V1Entered): void {
    for (const [memberId, userId] of users) {
      const isNew = this.#users.add(memberId, userId);
      if (isNew && memberId !== member.id) this.#tell({ type: 'user-joined', userId }, seq, memberId);
    }
    const { locals, remotes } = this.room;
    for (const { memberId, instanceId } of members) {
      // What happens to those of this instance is told as it happens, and Redis may not have heard of it yet.
      if (memberId === member.id || instanceId === this.room.instanceId) continue;
      if (instanceId !== ELSEWHERE) {
        if (this.#away.delete(memberId)) this.#tellJoined(memberId, true, seq);
      } else if (!this.#away.has(memberId)) {
        this.#away.add(memberId);
        this.typists.stop(memberId);
        if (remotes().has(memberId) && !locals.has(memberId))
          this.#tell({ type: 'peer-away', memberId }, seq);
      }
    }
  }

  /** Members of other instances, in the order of the feed. */
  entered({ memberId, user, isBack, seq, instanceId }: Extract<Entry, { kind: 'entered' }>): void {
    const { locals, remotes } = this.room;
    if (instanceId === this.room.instanceId) return;
    const local = locals.get(memberId);
    // An entry from before it came here.
    if (local && seq <= local.joinedAtSeq) return;
    const isNews = this.#away.delete(memberId) || !remotes().has(memberId);
    const userId = decodeUser(user);
    const isNewUser = this.#users.add(memberId, userId);
    locals.delete(memberId);
    this.room.addRemote(memberId, ELSEWHERE);
    if (isNews) this.#tellJoined(memberId, isBack, seq);
    if (isNewUser && userId !== undefined) this.#tell({ type: 'user-joined', userId }, seq, memberId);
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
      this.room.addRemote(memberId, ELSEWHERE);
      this.typists.stop(memberId);
      this.#tell({ type: 'peer-away', memberId }, seq);
    }
    this.settle();
  }

  /** A member here has lost its connection: its place is kept. */
  leaves(member: V1Member): void {
    this.#away.add(member.id);
    this.room.addRemote(member.id, ELSEWHERE);
    this.typists.stop(member.id);
    this.#tell({ type: 'peer-away', memberId: member.id });
    this.#log([{ memberId: member.id, sent: member.sent, atMs: performance.now() }]);
    this.room.context.absences.expect(this.room.id, this.room.context.graceMs);
  }

  /** A member has joined here, or was heard of. */
  joined(memberId: string, seq?: number): void {
    this.#tellJoined(memberId, false, seq);
  }

  /** One that speaks it has joined here. */
  speakerJoined({ id, userId }: V1Member): void {
    const isNewUser = !(userId !== undefined && this.#users.has(userId, id));
    this.#users.add(id, userId);
    this.#tellJoined(id, false);
    if (isNewUser && userId !== undefined) this.#tell({ type: 'user-joined', userId }, undefined, id);
  }

  /** A member here has resumed. */
  resumed(memberId: string): void {
    this.#tellJoined(memberId, true);
  }

  /** A member is gone for good. */
  left(memberId: string, seq?: number): void {
    this.#away.delete(memberId);
    this.typists.stop(memberId);
    const userId = this.#users.delete(memberId);
    if (userId !== undefined) this.#tell({ type: 'user-left', userId }, seq);
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
    if (this.#recent.isDoubtful && this.#recent.all.length > 0) await this.send([]);
    // Whether Redis still knows that everything goes through it is not sure either.
    if (this.#logging !== 'off' && claims.length > 0) this.#log();
    return taken;
  }

  /** Members here may have missed something: they can resume, and get it or are told. */
  cutOff(): void {
    for (const member of this.speakers()) member.socket.close(closes.serviceUnavailable);
  }

  #tellJoined(memberId: string, isBack: boolean, seq?: number): void {
    if (!isBack) this.#recent.clear();
    const userId = this.#users.of(memberId);
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
