import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from '../pool/keys.js';
import { retakeSlotScript } from './scripts.js';
import { RoomStore } from './store.js';
import type { Room, RoomHosts, RoomTimes } from './types.js';

/** Which slot a room has. */
export type RoomSlot = Pick<Room, 'roomId' | 'hostId' | 'region' | 'leaseId'>;

/** Where a room may have its slot from, if its lease has ended. */
export interface SlotSources {
  /** Leases of rooms whose slots are sessions': one that still stands may stand for this one. */
  readonly played: readonly string[];
  /** Its last players have just left, and the pool does not know yet: their session's slot is the room's. */
  readonly isLeft: boolean;
}

/** Keeps slots promised to rooms that stand. */
export class RoomSlots {
  readonly #rooms: RoomStore;

  constructor(
    private readonly redis: RedisConnection,
    private readonly hosts: Pick<RoomHosts, 'release' | 'renew'>,
    times: Pick<RoomTimes, 'seatTtlMs' | 'leaseMs'>,
  ) {
    this.#rooms = new RoomStore(redis, times);
  }

  /**
   * Let a room's slot be promised for longer. Where its lease has ended it is promised anew, if the host has a free slot
   * and does not count the room itself.
   * @returns false when the room has no slot, since the host has none free
   */
  async hold(
    slot: RoomSlot,
    ttlMs: number,
    { played, isLeft }: SlotSources = { played: [], isLeft: false },
  ): Promise<boolean> {
    if (await this.hosts.renew(slot, ttlMs)) return true;
    const { hostId, region, leaseId } = slot;
    const keys = regionKeys(this.redis.keys, region);
    const argv = { leaseId, hostId, ttlMs, left: isLeft ? 1 : 0 };
    const [status] = (await this.redis.run(retakeSlotScript, { keys, argv, rest: played })) as [
      'leased' | 'stands' | 'counted' | 'none',
    ];
    if (status === 'leased') await this.#check(slot);
    return status !== 'none';
  }

  /** The lease may have been given back, since the room is over or elsewhere: then so is this one. */
  async #check(slot: RoomSlot): Promise<void> {
    const room = await this.#rooms.get(slot.roomId);
    if (room?.leaseId !== slot.leaseId) await this.hosts.release(slot);
  }
}
