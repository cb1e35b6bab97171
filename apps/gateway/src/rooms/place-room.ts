import type {
  Allocation,
  Assignments,
  PublicRooms,
  RoomNews,
  NewRoom,
  Room,
  RoomHosts,
  RoomStore,
  RoomTimes,
} from '@parley/redis-scripts';

/** What a room is to be called and to be like, and where it may be. */
export type Placement = Pick<
  NewRoom,
  'roomId' | 'maxPlayers' | 'ownerHash' | 'where' | 'visibility' | 'metadata' | 'creator'
>;

/** A placed room; or `none`: no host has a free slot; or `exists`: there is a room of that name. */
export type PlaceResult =
  | { readonly outcome: 'placed'; readonly room: Room }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'exists' };

/**
 * Places new rooms: a slot is leased, the record is written, the host's list gets the room. Lease and record end at the
 * same moment unless the room is used, so a gateway that dies in between leaves nothing behind.
 */
export class RoomPlacer {
  constructor(
    private readonly hosts: RoomHosts,
    private readonly rooms: RoomStore,
    private readonly assignments: Assignments,
    private readonly publicRooms: PublicRooms,
    private readonly news: RoomNews,
    private readonly times: RoomTimes,
  ) {}

  /** @throws RedisUnavailableError when Redis cannot be asked right now; then no slot is kept */
  async place(wishes: Placement): Promise<PlaceResult> {
    const lease = await this.hosts.allocate({
      ...wishes.where,
      kinds: ['game', 'streaming'],
      leaseTtlMs: this.times.leaseMs,
      isForRoom: true,
    });
    if (lease.outcome === 'none') return lease;
    const { hostId, region, roomId: hostRoomId, address, leaseId, expiresAtMs } = lease;
    const room = { ...wishes, hostId, region, hostRoomId, address, leaseId, expiresAtMs };
    try {
      const created = await this.rooms.create(room);
      if (created) {
        await this.announce(created);
        await this.news.assigned(created);
        return { outcome: 'placed', room: created };
      }
      await this.hosts.release(lease);
      return { outcome: 'exists' };
    } catch (error) {
      // If this fails too, record and lease end by themselves.
      await this.#undo(room, lease).catch(() => undefined);
      throw error;
    }
  }

  /** The host hears of a room that it has yet to open with its next heartbeat, and a public one is listed. Idempotent. */
  async announce(room: Room): Promise<void> {
    const { hostId, roomId, visibility, state } = room;
    await Promise.all([
      state === 'placed' && this.assignments.add(hostId, roomId, this.times.hostTtlMs),
      visibility === 'public' && this.publicRooms.update(room),
    ]);
  }

  /** Take a room back that was just placed, with its slot. */
  async remove(roomId: string, epoch: number): Promise<void> {
    const room = await this.rooms.delete(roomId, 'nobody heard of it', epoch);
    if (room) await Promise.all([this.hosts.release(room), this.publicRooms.remove(room)]);
  }

  async #undo({ roomId, ownerHash }: NewRoom, lease: Allocation): Promise<void> {
    await this.hosts.release(lease);
    const room = await this.rooms.get(roomId);
    // A room of that name may be another gateway's work, on the same key.
    if (room?.ownerHash === ownerHash && room.leaseId === lease.leaseId)
      await this.remove(roomId, room.epoch);
  }
}
