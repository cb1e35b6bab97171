import { closes } from '@parley/protocol';
import type { Membership, RelayedMessage } from '@parley/redis-scripts';
import { goneAmong } from './entrance.js';
import { ELSEWHERE, type RoomInside } from './inside.js';

/**
 * Brings a room and Redis to the same knowledge: who is here, who is there, and what was missed. Runs in the room's queue.
 */
export class Confirmation {
  constructor(private readonly room: RoomInside) {}

  /** @throws RedisUnavailableError */
  async execute(): Promise<void> {
    if (this.room.locals.size === 0) return;
    // Who took this instance for dead, or a Redis that lost its data, has forgotten that it has members here (S5).
    await this.room.context.index.add(this.room.id);
    if (this.room.locals.size === 0) return;
    this.room.feed.pause();
    const entrants = [...this.room.locals.values()].map(({ id, evidence, order }) => ({
      memberId: id,
      evidence,
      ...(order !== undefined && { order }),
    }));
    const since = this.room.feed.seen;
    let mayMiss = false;
    const entered = await this.room.context.store.join(this.room.id, entrants, { since });
    const gone = goneAmong(this.room, entered.members);
    const held = entered.held.filter(({ from }) => !gone.has(from));
    if (since !== undefined && entered.seq !== since) {
      const deliverEarlier = (message: RelayedMessage) => this.#deliverEarlier(held, message);
      const repaired = this.room.feed.catchUp(entered.entries, entered.seq, deliverEarlier);
      this.room.context.metrics.gapsRepaired.inc({ repaired: String(repaired) });
      mayMiss = !repaired;
    }
    for (const message of held) this.#deliver(message);
    if (entered.held.length > 0) {
      for (const { memberId } of entrants) {
        await this.room.context.store.handed(this.room.id, memberId, entered.held);
      }
    }
    for (const memberId of (await this.room.v1()?.reclaim()) ?? []) {
      const member = this.room.locals.get(memberId);
      this.room.locals.delete(memberId);
      this.room.addRemote(memberId, ELSEWHERE);
      member?.socket.close(closes.resumedElsewhere);
    }
    // Our own were not there: Redis has lost data, and perhaps others' members as well.
    if (entered.added > 0) this.room.context.onLoss();
    this.#reconcile(entered.members);
    for (const memberId of entered.refused) {
      this.room.locals.get(memberId)?.socket.close(closes.serviceUnavailable);
    }
    if (entered.presence) this.room.context.onPresence(entered.presence);
    // A failover may have lost the last entries: their numbers come again, and are for everybody who is here now.
    for (const member of this.room.locals.values()) {
      member.joinedAtSeq = Math.min(member.joinedAtSeq, entered.seq);
    }
    this.room.feed.resume(entered.seq);
    if (mayMiss) this.room.v1()?.cutOff();
  }

  /** What was held and is older than a message of the same sender comes before that one, and is held no more. */
  #deliverEarlier(held: RelayedMessage[], { from, n }: RelayedMessage): void {
    const last = held.findLastIndex((message) => message.from === from && message.n < n);
    for (const message of held.splice(0, last + 1)) this.#deliver(message);
  }

  #deliver({ from, n, text }: RelayedMessage): void {
    for (const member of this.room.locals.values()) if (member.id !== from) member.deliver(from, n, text);
  }

  /** Take over who is elsewhere. Right after an outage others may only not have come back yet: they stay for now. */
  #reconcile(members: readonly Membership[]): void {
    for (const { memberId, instanceId } of members) this.room.addRemote(memberId, instanceId);
    if (!this.room.context.mayJudge()) return;
    const present = new Set(members.map(({ memberId }) => memberId));
    for (const memberId of this.room.remotes()) {
      if (!present.has(memberId)) this.room.removeRemote(memberId);
    }
  }
}
