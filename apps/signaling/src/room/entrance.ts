import { closes } from '@parley/protocol';
import type { Entered, Entry, Membership, RelayedMessage, V1Entered } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import { hand } from '../v1/audience.js';
import { V1Member } from '../v1/v1-member.js';
import { deliverEntry } from './deliver.js';
import { ELSEWHERE, type RoomInside } from './inside.js';
import type { JoinAttempt } from './queue.js';

/**
 * Who left while Redis answered: members of this instance that are here no more, and whom later entries name.
 * @param later entries in their order
 */
export function goneAmong(
  room: Pick<RoomInside, 'instanceId' | 'hasMember'>,
  members: readonly Membership[],
  later: readonly Entry[] = [],
): Set<string> {
  const gone = new Set<string>();
  for (const { memberId, instanceId } of members) {
    if (instanceId === room.instanceId && !room.hasMember(memberId)) gone.add(memberId);
  }
  for (const entry of later) {
    if (entry.kind === 'left') for (const memberId of entry.memberIds) gone.add(memberId);
    else if (entry.kind === 'entered') gone.delete(entry.memberId);
  }
  return gone;
}

/** The way of one member into a room; runs in the room's queue. */
export class Entrance {
  constructor(private readonly room: RoomInside) {}

  /** Let a member join. @throws RedisUnavailableError */
  async execute(member: Member): Promise<JoinAttempt> {
    const entrant = { memberId: member.id, evidence: member.evidence };
    this.room.feed.record();
    if (member instanceof V1Member) {
      return this.room
        .speak()
        .enter(member)
        .finally(() => this.room.feed.recorded());
    }
    try {
      const { context, id } = this.room;
      const join = (draw: string) => context.store.join(id, [entrant], { draw });
      let entered = await this.room.askForPlace(() => context.limits.withJoin(id, join));
      const judged = entered.refused.length > 0 ? await this.#judge(entered.members) : undefined;
      if (judged && judged.dead.length > 0) {
        if (this.room.v1())
          for (const instanceId of judged.dead) await this.room.context.retire(this.room.id, instanceId);
        entered = await this.room.context.store.join(this.room.id, [entrant], { dead: judged.dead });
      }
      if (entered.refused.length > 0 && (await this.#endAbsences(entered.members))) {
        entered = await this.room.context.store.join(this.room.id, [entrant]);
      }
      if (entered.presence) this.room.context.onPresence(entered.presence);
      if (entered.refused.length > 0) {
        // Whoever has left here gave its place up, be it that Redis hears of it after this.
        if (this.room.queue.hasLeave) return 'leaving';
        return judged && judged.suspects.length > 0 ? 'perhaps' : 'full';
      }
      this.#admit(member, entered);
      this.#noteHanded(member, entered.held);
      return 'joined';
    } catch (error) {
      // It may have been done all the same, with only the answer lost.
      this.room.queue.push({ kind: 'leave', memberId: member.id });
      throw error;
    } finally {
      this.room.feed.recorded();
    }
  }

  /** Whoever should have ended an absence may be gone. @returns whether there is a place now */
  async #endAbsences(members: readonly Membership[]): Promise<boolean> {
    if (!members.some(({ instanceId }) => instanceId === ELSEWHERE)) return false;
    const { v1, absences, onPresence } = this.room.context;
    const { expired, nextMs, presence } = await v1.expire(this.room.id);
    if (nextMs !== undefined) absences.expect(this.room.id, nextMs);
    if (presence) onPresence(presence);
    return expired > 0;
  }

  /**
   * In one go, so that no message comes between: held ones, those meant for it meanwhile, then the direct way. Nothing
   * of a member that has left since the join was counted: the newcomer was not here to be told of it.
   */
  #admit(member: Member, { seq, members, held }: Entered): void {
    member.joinedAtSeq = seq;
    member.order = members.find(({ memberId }) => memberId === member.id)?.order;
    this.room.locals.set(member.id, member);
    const recorded = this.room.feed.recorded().filter((entry) => entry.seq > seq);
    const gone = goneAmong(this.room, members, recorded);
    for (const { from, n, text } of this.#missed(held, members)) {
      if (!gone.has(from)) member.deliver(from, n, text);
    }
    for (const entry of recorded) if (entry.kind === 'messages') deliverEntry(member, entry, gone);
    this.#handWaiting(member);
    this.#addRemotes(members, gone, seq);
    if (this.room.feed.seen === undefined) this.room.feed.resume(seq);
    this.room.v1()?.joined(member.id);
  }

  /**
   * Who is elsewhere may be learned here before the channel tells of it: those who were here already hear of it now. One
   * that is away is left to the channel, which tells of its coming and its going.
   */
  #addRemotes(members: readonly Membership[], gone: ReadonlySet<string>, seq: number): void {
    for (const { memberId, instanceId } of members) {
      if (gone.has(memberId)) continue;
      this.room.addRemote(memberId, instanceId, instanceId === ELSEWHERE ? undefined : seq);
    }
  }

  /** What was held, and what was heard outside by nobody but this instance, in the order of each sender. */
  #missed(held: readonly RelayedMessage[], members: readonly Membership[]): readonly RelayedMessage[] {
    const heard = this.room.heard();
    if (heard.length === 0) return held;
    const present = new Set(members.map(({ memberId }) => memberId));
    return [...held, ...heard.filter(({ from }) => present.has(from))].toSorted((a, b) => a.n - b.n);
  }

  /** What was held is for the next one, should this one have gone meanwhile (S2). */
  #noteHanded({ id, socket }: Member, held: readonly RelayedMessage[]): void {
    if (held.length === 0 || socket.isOver) return;
    const { context, queue, id: roomId } = this.room;
    queue.push({ kind: 'task', run: () => context.store.handed(roomId, id, held) });
  }

  #handWaiting(member: Member): void {
    for (const message of this.room.queue.waitingMessages()) {
      if (this.room.hasMember(message.from)) hand(member, message, message.text);
    }
  }

  /** The same for a member that speaks `parley.v1`. */
  admitSpeaker(member: V1Member, entered: V1Entered): void {
    const { seq, members, held } = entered;
    member.joinedAtSeq = seq;
    const own = members.find(({ memberId }) => memberId === member.id);
    member.order = own?.order;
    if (own) member.evidence = own.evidence;
    this.room.forgetRemote(member.id);
    const recorded = this.room.feed.recorded().filter((entry) => entry.seq > seq);
    const gone = goneAmong(
      this.room,
      members.filter(({ memberId }) => memberId !== member.id),
      recorded,
    );
    const before = this.room.locals.get(member.id);
    this.room.locals.set(member.id, member);
    // It is this one from now on; what the former connection still has to say is sent again, or given up.
    if (before !== member) before?.socket.close(closes.resumedElsewhere);
    this.room.speak().welcome(member, entered, recorded, gone);
    for (const message of this.#missed(held, members)) {
      if (!gone.has(message.from)) hand(member, message, message.text);
    }
    const isBack = entered.outcome === 'resumed';
    for (const entry of recorded) {
      // Who comes back has met those that left since, and gets what they said.
      if (entry.kind === 'messages') deliverEntry(member, entry, isBack ? undefined : gone);
    }
    if (isBack) for (const memberId of gone) member.tellGone(memberId);
    this.#handWaiting(member);
    this.#addRemotes(members, gone, seq);
    if (this.room.feed.seen === undefined) this.room.feed.resume(seq);
    if (isBack) this.room.v1()?.resumed(member.id);
    else this.room.v1()?.speakerJoined(member);
    if (entered.presence) this.room.context.onPresence(entered.presence);
    this.#noteHanded(member, held);
  }

  /** A room is full: retire those of its members whose instances are dead. */
  async bury(members: readonly Membership[]): Promise<'retired' | 'perhaps' | 'none'> {
    const judged = await this.#judge(members);
    for (const instanceId of judged?.dead ?? []) await this.room.context.retire(this.room.id, instanceId);
    if (judged && judged.dead.length > 0) return 'retired';
    return judged && judged.suspects.length > 0 ? 'perhaps' : 'none';
  }

  async #judge(members: readonly Membership[]) {
    const others = new Set(members.map(({ instanceId }) => instanceId));
    others.delete(this.room.context.store.instanceId);
    others.delete(ELSEWHERE);
    return others.size > 0 ? this.room.context.judge([...others]) : undefined;
  }
}
