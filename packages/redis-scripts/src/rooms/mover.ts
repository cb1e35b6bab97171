import { RedisUnavailableError } from '../connection/errors.js';
import type { RedisConnection } from '../connection/connection.js';
import { RoomCounts } from '../overview/room-counts.js';
import type { AllocationRequest, HostKind } from '../pool/types.js';
import { Assignments, CLAIM_MS, type DueHost } from './assignments.js';
import { roomKeys } from './keys.js';
import { RoomNews } from './news.js';
import { beginMoveScript, finishMoveScript } from './scripts.js';
import { RoomSlots } from './slots.js';
import type { Room, RoomHosts, RoomTimes, RoomWishes } from './types.js';

/** Rooms of one host that are moved at once. */
const AT_ONCE = 32;

/** Times between two tries to place rooms for which no slot was free. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4_000;

/**
 * A slot is promised for so long until the room has it: should the mover die before, it has to be free again when others
 * take its hosts. A little shorter than their wait: a slot that still looked taken then could be all that its room lacks.
 */
const SLOT_MS = CLAIM_MS - 1_000;

type Moving = [
  status: 'moving',
  moves: number,
  epoch: number,
  where: string,
  address: string,
  region: string,
  leaseId: string,
  avoid: string,
];
type Elsewhere = [
  status: 'elsewhere',
  moves: number,
  hostId: string,
  state: Room['state'],
  region: string,
  leaseId: string,
  forMs: number,
];
type Begun =
  Moving | Elsewhere | ['closed', moves: number, region: string, leaseId: string] | ['missing', moves: 0];

/**
 * What became of a room that was to leave its host. `left`: it is not that host's any more; `stays`: the best host for it
 * was the same one again; `waits`: it has to be looked at again, since no slot is free, or somebody else was at it.
 */
export type MoveResult = 'left' | 'stays' | 'waits';

/** Gives the rooms of hosts that are gone to others (R3). Any number of gateways may do so at once. */
export class RoomMover {
  readonly #assignments: Assignments;
  readonly #news: RoomNews;
  readonly #counts: RoomCounts;
  readonly #slots: RoomSlots;
  /** How long a slot is promised at first. */
  readonly #slotMs: number;
  /** Hosts whose rooms wait for free slots elsewhere, with the time between the last two tries. */
  readonly #retriesMs = new Map<string, number>();
  /** From when on who is silent counts as gone (performance.now()). */
  #judgesFrom = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly hosts: RoomHosts,
    private readonly times: RoomTimes,
  ) {
    this.#assignments = new Assignments(redis);
    this.#news = new RoomNews(redis);
    this.#counts = new RoomCounts(redis);
    this.#slots = new RoomSlots(redis, hosts, times);
    this.#slotMs = Math.min(SLOT_MS, times.leaseMs);
  }

  /**
   * Look after hosts that were not heard of in time. After an outage of Redis nobody was, and each gets that time anew.
   * @returns how many rooms got a new host
   */
  async moveDue(): Promise<number> {
    try {
      if (performance.now() >= this.#judgesFrom) return await this.#moveDue();
      // Whether Redis still answers, or is away again.
      await this.redis.command('gateway-any-hosts', (client) => client.exists(this.redis.keys.room.hosts()));
    } catch (error) {
      if (error instanceof RedisUnavailableError) this.#judgesFrom = performance.now() + this.times.hostTtlMs;
      throw error;
    }
    return 0;
  }

  async #moveDue(): Promise<number> {
    let moved = 0;
    for (const due of await this.#assignments.takeDue()) moved += await this.#moveAll(due);
    return moved;
  }

  async #moveAll(due: DueHost): Promise<number> {
    const { hostId } = due;
    const rooms = await this.#assignments.of(hostId);
    const settled: string[] = [];
    const worker = async () => {
      for (let roomId = rooms.pop(); roomId !== undefined; roomId = rooms.pop()) {
        if ((await this.move(roomId, hostId)) !== 'waits') settled.push(roomId);
      }
    };
    const total = rooms.length;
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, total) }, worker));
    // What has no new host yet stays on the list, and is tried again: soon at first, then ever more rarely.
    const retryMs = settled.length === total ? 0 : this.#nextRetryMs(hostId);
    if (retryMs === 0) this.#retriesMs.delete(hostId);
    await this.#assignments.settle(due, retryMs);
    return settled.length;
  }

  #nextRetryMs(hostId: string): number {
    const retryMs = Math.min(RETRY_MAX_MS, 2 * (this.#retriesMs.get(hostId) ?? RETRY_MIN_MS / 2));
    this.#retriesMs.set(hostId, retryMs);
    return retryMs;
  }

  /**
   * Give a room another host. Every step can be repeated, by anybody: what a mover leaves behind when it dies, the next
   * one finds on the old host's list.
   */
  async move(roomId: string, fromHostId: string): Promise<MoveResult> {
    const begun = await this.#begin(roomId, fromHostId);
    if (begun[0] === 'moving') return this.#moveOn(roomId, fromHostId, begun);
    await this.#leave(roomId, fromHostId, begun);
    return 'left';
  }

  /** A room's host says that it goes: from now on the room is not its own, unless it opens it anew; `move` goes on. */
  async begin(roomId: string, fromHostId: string): Promise<void> {
    const begun = await this.#begin(roomId, fromHostId);
    if (begun[0] !== 'moving') await this.#leave(roomId, fromHostId, begun);
  }

  /** A room is over, or another host's already. */
  async #leave(roomId: string, fromHostId: string, begun: Exclude<Begun, Moving>): Promise<void> {
    const [status, moves] = begun;
    if (status === 'elsewhere') await this.#tellAgain(roomId, begun);
    else this.#counts.noteOver([{ roomId, moves }]);
    if (status === 'closed') await this.hosts.release({ region: begun[2], leaseId: begun[3] });
    await this.#assignments.lose(fromHostId, roomId);
  }

  /** A mover that died may have written the new host's name without telling that host, or with a slot for a moment only. */
  async #tellAgain(
    roomId: string,
    [, moves, hostId, state, region, leaseId, forMs]: Elsewhere,
  ): Promise<void> {
    const isPlaced = state === 'placed';
    this.#counts.note(state, [{ roomId, moves }], isPlaced ? this.times.leaseMs : this.times.keepMs);
    if (isPlaced) await this.#slots.hold({ roomId, hostId, region, leaseId }, forMs);
    await this.#assignments.add(hostId, roomId, this.times.hostTtlMs);
  }

  async #moveOn(roomId: string, fromHostId: string, begun: Moving): Promise<MoveResult> {
    const finished = await this.#finish(roomId, fromHostId, begun);
    if (!finished) return 'waits';
    const { hostId, moves } = finished;
    this.#counts.note('placed', [{ roomId, moves }], this.times.leaseMs);
    await this.#assignments.add(hostId, roomId, this.times.hostTtlMs);
    if (hostId === fromHostId) return 'stays';
    await this.#assignments.lose(fromHostId, roomId);
    return 'left';
  }

  async #begin(roomId: string, hostId: string): Promise<Begun> {
    const begun = (await this.redis.run(beginMoveScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { hostId, keepMs: this.times.keepMs },
    })) as Begun;
    const [status, moves] = begun;
    if (status === 'moving') this.#counts.note('migrating', [{ roomId, moves }], this.times.keepMs);
    return begun;
  }

  /** @returns undefined when no slot is free, or something else happened to the room meanwhile */
  async #finish(
    roomId: string,
    fromHostId: string,
    [, , epoch, where, oldAddress, oldRegion, oldLeaseId, avoid]: Moving,
  ): Promise<{ hostId: string; moves: number } | undefined> {
    // Those who play talk to their host in one way, and cannot change to the other.
    const kinds: HostKind[] = [oldAddress === '' ? 'streaming' : 'game'];
    const wishes = { ...(JSON.parse(where) as RoomWishes), kinds };
    const lease = await this.#lease(wishes, avoid === '' ? [] : avoid.split('\n'), fromHostId);
    if (lease.outcome === 'none') return undefined;
    const { hostId, region, roomId: hostRoomId, address = '', leaseId } = lease;
    const expiresAtMs = lease.expiresAtMs - this.#slotMs + this.times.leaseMs;
    const [status, moves = 0] = (await this.redis.run(finishMoveScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { epoch, hostId, region, hostRoomId, address, leaseId, leaseEndsAtMs: expiresAtMs },
    })) as ['moved', number] | ['lost', undefined];
    // Of two leases one is let go: the old one, which a living host that did not open the room may still hold.
    const past = status === 'moved' ? { region: oldRegion, leaseId: oldLeaseId } : lease;
    const placed = { roomId, hostId, region, hostRoomId, address, leaseId, expiresAtMs };
    // Before the host is told: a room that is on its list has the slot for as long as the host has time to open it.
    await Promise.all([
      this.hosts.release(past),
      status === 'moved' && this.#slots.hold(placed, this.times.leaseMs),
    ]);
    if (status !== 'moved') return undefined;
    await Promise.all([this.#news.moved(placed), this.#news.assigned(placed)]);
    return { hostId, moves };
  }

  /** A slot on a host that did not fail the room before; where there is none, on one that did, but not the last one. */
  async #lease(wishes: AllocationRequest, avoid: readonly string[], fromHostId: string) {
    const request = { ...wishes, isForRoom: true, leaseTtlMs: this.#slotMs };
    const lease = await this.hosts.allocate({ ...request, avoid });
    const others = avoid.filter((hostId) => hostId !== fromHostId);
    if (lease.outcome === 'leased' || others.length === 0) return lease;
    return this.hosts.allocate({ ...request, avoid: avoid.filter((hostId) => hostId === fromHostId) });
  }
}
