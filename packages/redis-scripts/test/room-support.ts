import { uniqueId } from '@parley/testkit';
import {
  Assignments,
  HostRooms,
  PoolStore,
  RoomEvents,
  RoomMover,
  RoomStore,
  SignalingStore,
  type HostReport,
  type RedisConnection,
  type RoomTimes,
} from '../src/index.js';
import type { Evidence } from '../src/signaling/types.js';

/** Short times: a host has three quarters of a second to open a room. */
export const SHORT_TIMES: RoomTimes = {
  leaseMs: 1_000,
  keepMs: 2_000,
  emptyMs: 1_000,
  seatTtlMs: 300,
  hostTtlMs: 500,
};

/** What gateways, matchmakers and signaling do for rooms, over one connection. */
export class RoomWorld {
  readonly rooms: RoomStore;
  readonly pool: PoolStore;
  readonly assignments: Assignments;
  readonly events: RoomEvents;
  readonly mover: RoomMover;
  readonly hostRooms: HostRooms;
  readonly signaling: SignalingStore;

  constructor(
    readonly redis: RedisConnection,
    readonly times = SHORT_TIMES,
  ) {
    this.rooms = new RoomStore(redis, times);
    this.pool = new PoolStore(redis, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30 });
    this.assignments = new Assignments(redis);
    this.events = new RoomEvents(redis);
    this.mover = new RoomMover(redis, this.pool, times);
    this.hostRooms = new HostRooms(redis, new RoomMover(redis, this.pool, times), this.pool, times);
    this.signaling = new SignalingStore(redis, {
      instanceId: 'an-instance',
      capacity: 100,
      roomTtlMs: 60_000,
      aliveMs: 60_000,
      heldMaxMessages: 10,
      heldMaxBytes: 10_000,
      heldTtlMs: 10_000,
    });
  }

  /** A host that lives from its first heartbeat on; `beat` is the next one, and what it is told. */
  async host(kind: 'streaming' | 'game', region: string, slots = 1) {
    const hostId = uniqueId('host');
    const about = { hostId, region, roomId: `own-${hostId}`, status: 'idle', capacity: slots } as const;
    const address = kind === 'game' ? `${hostId}.example:7777` : undefined;
    const beat = async (changes: Partial<HostReport> = {}) => {
      const report = { ...about, availableSlots: slots, address, ...changes };
      await this.pool.heartbeat(report);
      return this.hostRooms.heard(report);
    };
    await beat();
    return { ...about, address, beat };
  }

  /** Create a room in a region, as a gateway does. */
  async createRoom(region: string, kind: 'streaming' | 'game', maxPlayers = 4) {
    const lease = await this.pool.allocate({
      regions: [region],
      kinds: [kind],
      leaseTtlMs: this.times.leaseMs,
      isForRoom: true,
    });
    if (lease.outcome === 'none') throw new Error('no slot');
    const { outcome: _, roomId: hostRoomId, ...placed } = lease;
    const about = { maxPlayers, ownerHash: 'x', visibility: 'private', metadata: {} } as const;
    const where = { regions: [region] };
    const room = await this.rooms.create({
      roomId: uniqueId('room'),
      hostRoomId,
      ...placed,
      ...about,
      where,
    });
    if (!room) throw new Error('no room');
    await this.assignments.add(room.hostId, room.roomId, this.times.hostTtlMs);
    return room;
  }

  /** Members come to a signaling room, by what they show of themselves. */
  async enter(roomId: string, members: Readonly<Record<string, Evidence>>): Promise<void> {
    const entrants = Object.entries(members).map(([memberId, evidence]) => ({ memberId, evidence }));
    await this.signaling.join(roomId, entrants);
  }

  /** Whether a slot of a region could be promised now; it is not. */
  async hasSlot(region: string, kind: 'streaming' | 'game'): Promise<boolean> {
    const lease = await this.pool.allocate({ regions: [region], kinds: [kind] });
    if (lease.outcome === 'leased') await this.pool.release(lease);
    return lease.outcome === 'leased';
  }

  async eventsOf(roomId: string): Promise<string[]> {
    return (await this.events.since(roomId, '0-0')).map(({ type }) => type);
  }
}
