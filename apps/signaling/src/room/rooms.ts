import type { RedisConnection, RoomSubscriber } from '@parley/redis-scripts';
import type { Absences } from '../v1/absences.js';
import type { RoomIndex } from '../instance/room-index.js';
import type { Member } from '../member/member.js';
import { Note } from './note.js';
import type { JoinOutcome, OperationQueue } from './queue.js';
import type { RoomContext } from './context.js';
import { Room } from './room.js';

/** Stalled rooms try again this soon: after an outage, and after what Redis itself refused. */
const RETRY_MS = { outage: 250, refusal: 1_000 };

/** Rooms confirmed at once: enough to be quick, few enough to leave Redis to the others. */
const CONFIRMED_AT_ONCE = 50;

interface RoomsParts extends Omit<
  RoomContext,
  'schedule' | 'onIdle' | 'onStalled' | 'release' | 'leaveChannel'
> {
  readonly redis: RedisConnection;
  readonly subscriber: RoomSubscriber;
  readonly index: RoomIndex;
  readonly absences: Absences;
  /** While traces are on: what rooms do together is no part of one member's join. */
  readonly outsideSpans: ((work: () => void) => void) | undefined;
}

/** The rooms that have members on this instance. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  #turns = this.#rooms.values();
  readonly #stalled = new Set<Room>();
  readonly #context: RoomContext;
  #scheduled: OperationQueue[] = [];
  #onEmpty: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  readonly #run: () => void;

  constructor(private readonly parts: RoomsParts) {
    const { outsideSpans } = parts;
    const run = () => this.#runScheduled();
    this.#run = outsideSpans ? () => outsideSpans(run) : run;
    this.#context = {
      ...parts,
      release: (roomId, memberId) => this.release(roomId, memberId),
      leaveChannel: (room) => this.#leaveChannel(room),
      schedule: (queue) => this.#schedule(queue),
      onIdle: (room) => this.#closeIfOver(room),
      onStalled: (room, isOutage) => this.#onStalled(room, isOutage ? RETRY_MS.outage : RETRY_MS.refusal),
    };
  }

  get size(): number {
    return this.#rooms.size;
  }

  /**
   * Let a member join a room.
   * @returns the room to talk to, or that it is full
   * @throws RedisUnavailableError, or what subscribing failed with
   */
  async join(roomId: string, member: Member): Promise<{ outcome: JoinOutcome; room: Room }> {
    let room = this.#rooms.get(roomId);
    if (!room) {
      room = new Room(roomId, this.#context);
      this.#rooms.set(roomId, room);
    }
    return { outcome: await room.join(member, () => this.#open(room)), room };
  }

  /** An entry came through a room's channel. */
  take(roomId: string, entry: string): void {
    this.#rooms.get(roomId)?.take(entry);
  }

  /** A member resumes elsewhere. */
  release(roomId: string, memberId: string): void {
    this.#rooms.get(roomId)?.release(memberId);
  }

  /** The last absence in a room is over: nobody has to look there if nobody is here. */
  absencesOver(roomId: string): void {
    if (!this.#rooms.has(roomId)) this.parts.index.remove(roomId);
  }

  /** Redis answers again: do what waited. */
  resume(): void {
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    for (const room of stalled) room.resume();
  }

  /** Bring all rooms and Redis to the same knowledge, some at a time. */
  async confirmAll(): Promise<void> {
    const rooms = [...this.#rooms.values()];
    for (let i = 0; i < rooms.length; i += CONFIRMED_AT_ONCE) {
      for (const room of rooms.slice(i, i + CONFIRMED_AT_ONCE)) room.doubt();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Confirm a part of all rooms, the next one each time, so that all have had their turn after as many calls. */
  confirmSome(part: number): void {
    for (let left = Math.ceil(this.#rooms.size * part); left > 0; left -= 1) {
      let next = this.#turns.next();
      if (next.done) {
        this.#turns = this.#rooms.values();
        next = this.#turns.next();
      }
      next.value?.confirm();
    }
  }

  /** Resolves when no room is left: everybody has gone, and Redis knows. Or when that takes too long. */
  untilEmpty(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
      if (this.#rooms.size === 0) resolve();
      else setTimeout(resolve, timeoutMs).unref();
    });
  }

  /** Stop trying again. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  /** Subscribed, and found by others should this instance die: both before the first join (S2, S5). */
  #open(room: Room): Promise<void> | undefined {
    if (room.isOpen) return undefined;
    room.opening ??= this.#openNow(room).finally(() => {
      room.opening = undefined;
    });
    return room.opening;
  }

  async #openNow(room: Room): Promise<void> {
    const { subscriber, index, redis } = this.parts;
    // On a Cluster the two go to different nodes: one that comes first there is one that is waited for.
    const done = [subscriber.subscribe(room.id), ...(redis.isCluster ? [index.add(room.id)] : [])];
    // Only what is over can be undone: one may be done although the other failed.
    for (const each of await Promise.allSettled(done)) if (each.status === 'rejected') throw each.reason;
    room.isOpen = true;
    if (!redis.isCluster) room.note = new Note(room, index);
  }

  #leaveChannel(room: Room): void {
    room.isOpen = false;
    this.parts.subscriber.unsubscribe(room.id);
  }

  #closeIfOver(room: Room): void {
    if (!room.isOver || this.#rooms.get(room.id) !== room) return;
    this.#rooms.delete(room.id);
    this.#stalled.delete(room);
    this.parts.subscriber.unsubscribe(room.id);
    // Should this instance die, somebody has to end the absences of its members.
    if (!this.parts.absences.has(room.id)) this.parts.index.remove(room.id);
    if (this.#rooms.size === 0) this.#onEmpty?.();
  }

  #onStalled(room: Room, retryMs: number): void {
    this.#stalled.add(room);
    this.#retryIn(retryMs);
  }

  #retryIn(retryMs: number): void {
    if (this.#isClosed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      if (this.parts.redis.isCircuitOpen) this.#tryOne();
      else this.resume();
    }, retryMs);
  }

  /**
   * While one is refused all would be: of ten thousand rooms, four times a second, that costs a core. But whoever waits to
   * join is refused quickly (S6).
   */
  #tryOne(): void {
    const [first] = this.#stalled;
    for (const room of this.#stalled) {
      if (room !== first && !room.isAwaited) continue;
      this.#stalled.delete(room);
      room.resume();
    }
    if (this.#stalled.size > 0) this.#retryIn(RETRY_MS.outage);
  }

  #schedule(queue: OperationQueue): void {
    if (this.#scheduled.length === 0) setImmediate(this.#run);
    this.#scheduled.push(queue);
  }

  #runScheduled(): void {
    const scheduled = this.#scheduled;
    this.#scheduled = [];
    this.parts.redis.together(() => {
      for (const queue of scheduled) queue.start();
    });
  }
}
