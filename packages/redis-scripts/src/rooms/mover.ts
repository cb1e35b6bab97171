import type { RedisConnection } from '../connection/connection.js';
import { RoomCounts } from '../overview/room-counts.js';
import type { HostKind } from '../pool/types.js';
import { Assignments, type DueHost } from './assignments.js';
import { roomKeys } from './keys.js';
import { RoomNews } from './news.js';
import { beginMoveScript, finishMoveScript } from './scripts.js';
import type { RoomHosts, RoomTimes, RoomWishes } from './types.js';

/** Rooms of one host that are moved at once. */
const AT_ONCE = 32;

/** Times between two tries to place rooms for which no slot was free. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4_000;

type Begun =
  | ['moving', epoch: number, where: string, address: string, region: string, leaseId: string]
  | ['elsewhere', hostId: string]
  | ['closed' | 'missing'];

/** Gives the rooms of hosts that are gone to others (R3). Any number of gateways may do so at once. */
export class RoomMover {
  readonly #assignments: Assignments;
  readonly #news: RoomNews;
  readonly #counts: RoomCounts;
  /** Hosts whose rooms wait for free slots elsewhere, with the time between the last two tries. */
  readonly #retriesMs = new Map<string, number>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly hosts: RoomHosts,
    private readonly times: RoomTimes,
  ) {
    this.#assignments = new Assignments(redis);
    this.#news = new RoomNews(redis);
    this.#counts = new RoomCounts(redis);
  }

  /** Look after hosts that were not heard of in time. @returns how many rooms got a new host */
  async moveDue(): Promise<number> {
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
        if (await this.move(roomId, hostId)) settled.push(roomId);
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
   * @returns false when it has to be looked at again: no host has a free slot, or somebody else was at it
   */
  async move(roomId: string, fromHostId: string): Promise<boolean> {
    const begun = await this.#begin(roomId, fromHostId);
    let hostId: string | undefined;
    if (begun[0] === 'closed' || begun[0] === 'missing') this.#counts.note('over', [roomId]);
    if (begun[0] === 'moving') {
      this.#counts.note('migrating', [roomId], this.times.keepMs);
      hostId = await this.#finish(roomId, begun);
      if (hostId === undefined) return false;
    }
    // A mover that died may have written the new host's name without telling that host: so it is told again.
    if (begun[0] === 'elsewhere') hostId = begun[1];
    if (hostId !== undefined) this.#counts.note('placed', [roomId], this.times.leaseMs);
    if (hostId !== undefined) await this.#assignments.add(hostId, roomId, this.times.hostTtlMs);
    if (hostId !== fromHostId) await this.#assignments.remove(fromHostId, [roomId]);
    return true;
  }

  async #begin(roomId: string, hostId: string): Promise<Begun> {
    return (await this.redis.run(beginMoveScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { hostId, keepMs: this.times.keepMs },
    })) as Begun;
  }

  /** @returns the new host; undefined when no slot is free, or something else happened to the room meanwhile */
  async #finish(
    roomId: string,
    [, epoch, where, oldAddress, oldRegion, oldLeaseId]: Extract<Begun, ['moving', ...unknown[]]>,
  ): Promise<string | undefined> {
    // Those who play talk to their host in one way, and cannot change to the other.
    const kinds: HostKind[] = [oldAddress === '' ? 'streaming' : 'game'];
    const wishes = JSON.parse(where) as RoomWishes;
    const lease = await this.hosts.allocate({ ...wishes, kinds, leaseTtlMs: this.times.leaseMs });
    if (lease.outcome === 'none') return undefined;
    const { hostId, region, roomId: hostRoomId, address = '', leaseId, expiresAtMs } = lease;
    const [status] = (await this.redis.run(finishMoveScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { epoch, hostId, region, hostRoomId, address, leaseId, leaseEndsAtMs: expiresAtMs },
    })) as ['moved' | 'lost'];
    // Of two leases one is let go: the old one, which a living host that did not open the room may still hold.
    await this.hosts.release(status === 'moved' ? { region: oldRegion, leaseId: oldLeaseId } : lease);
    if (status !== 'moved') return undefined;
    const placed = { roomId, hostId, region, hostRoomId, address, leaseId, expiresAtMs };
    await Promise.all([this.#news.moved(placed), this.#news.assigned(placed)]);
    return hostId;
  }
}
