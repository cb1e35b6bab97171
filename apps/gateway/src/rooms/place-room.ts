import type {
  Allocation,
  AllocationRequest,
  AllocationResult,
  NewRoom,
  RoomStore,
} from '@parley/redis-scripts';
import { newRoomId } from './room-id.js';

/** What placing rooms needs of the host pool. */
export interface RoomHosts {
  allocate(request: AllocationRequest): Promise<AllocationResult>;
  /** Give a slot back; harmless when its lease is gone already. */
  release(lease: Pick<Allocation, 'hostId' | 'region' | 'leaseId'>): Promise<unknown>;
}

/** What a room is to be like, and where. */
export interface Placement {
  readonly regions?: readonly string[] | undefined;
  readonly maxPlayers: number;
  readonly ownerHash: string;
}

/** Names are random in a space of 2⁵⁹: a second try never happens, a third is a defect. */
const NAME_ATTEMPTS = 3;

/**
 * Places new rooms: first the slot is leased, then the record is written. Both end at the same moment, so a gateway
 * that dies in between leaves nothing behind.
 */
export class RoomPlacer {
  constructor(
    private readonly hosts: RoomHosts,
    private readonly rooms: RoomStore,
    private readonly roomTtlMs: number,
  ) {}

  /**
   * @returns the room, or undefined when no host has a free slot
   * @throws RedisUnavailableError when Redis cannot be asked right now; then no slot is kept
   */
  async place({ regions, ...wishes }: Placement): Promise<NewRoom | undefined> {
    const lease = await this.hosts.allocate({
      regions,
      kinds: ['game', 'streaming'],
      leaseTtlMs: this.roomTtlMs,
    });
    if (lease.outcome === 'none') return undefined;
    try {
      return await this.#write(lease, wishes);
    } catch (error) {
      await this.#giveBack(lease);
      throw error;
    }
  }

  async #write(lease: Allocation, wishes: Omit<Placement, 'regions'>): Promise<NewRoom> {
    const { hostId, region, roomId: hostRoomId, address, leaseId, expiresAtMs } = lease;
    for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
      const roomId = newRoomId();
      const room = { roomId, hostId, region, hostRoomId, address, leaseId, expiresAtMs, ...wishes };
      if ((await this.rooms.create(room)) === 'created') return room;
    }
    throw new Error('no free room name: the random source repeats itself');
  }

  /** If this fails too, the lease gives the slot back when it expires. */
  async #giveBack(lease: Allocation): Promise<void> {
    await this.hosts.release(lease).catch(() => undefined);
  }
}
