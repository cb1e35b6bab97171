import type { RedisConnection } from '../connection/connection.js';
import type { HostReport } from '../pool/types.js';
import { roomKeys } from './keys.js';
import { PublicRooms } from './public-rooms.js';
import { decodeRoom } from './record.js';
import { RoomMemory, type RecalledRoom, type Standing } from './room-memory.js';
import { recallRoomScript } from './scripts.js';
import type { RoomSlots } from './slots.js';
import { RoomStore } from './store.js';
import type { RoomTimes } from './types.js';

/** `back`: it is there; `over`: it has ended; `awaited`: its host may be seen in it yet. */
export type RecallResult = 'back' | 'over' | 'unknown' | 'awaited';

/** What a host's heartbeat says of a room that Redis does not have. */
interface Word {
  /** The host itself says that it has the room; else signaling has to show it, unless the host has yet to open it. */
  readonly isReported: boolean;
  /** It says that somebody is in the room: then its slot is a session's. */
  readonly isPlayed: boolean;
  /** The pool knows the host. */
  readonly registered: () => Promise<unknown>;
}

/** What it means that a room was not written. */
const ELSE = { exists: 'back', over: 'over', unseen: 'awaited' } as const;

/** Remembers the rooms of hosts that are heard of, and writes them again where Redis has lost them. */
export class RoomRecaller {
  readonly #memory: RoomMemory;
  readonly #publicRooms: PublicRooms;

  constructor(
    private readonly redis: RedisConnection,
    private readonly slots: Pick<RoomSlots, 'hold'>,
    private readonly times: RoomTimes,
    /** A room was written again. */
    private readonly onBack: (hasSlot: boolean) => void,
  ) {
    this.#memory = new RoomMemory(Math.min(times.leaseMs, times.emptyMs));
    this.#publicRooms = new PublicRooms(redis, new RoomStore(redis, times));
  }

  /** Which version of a room is remembered; empty when none is. */
  versionOf(roomId: string): string {
    return this.#memory.versionOf(roomId);
  }

  /** Rooms that a host had when it was last heard of; where it names those that it has open, without others that it had. */
  roomsOf({ hostId, rooms }: Pick<HostReport, 'hostId' | 'rooms'>): string[] {
    if (rooms) this.#memory.forgetUnnamed(hostId, new Set(rooms.map(({ roomId }) => roomId)));
    return this.#memory.of(hostId);
  }

  /** A room was heard of. @param standing undefined: Redis does not have it */
  note(roomId: string, hostId: string, standing: Standing | 'gone' | undefined, askedAt: number): void {
    if (standing === 'gone') this.#memory.forgetOf(hostId, roomId);
    else if (standing) this.#memory.note(roomId, hostId, standing, askedAt);
  }

  /** A room's host says that it is over; anybody does when no host is named. */
  over(roomId: string, hostId?: string): void {
    if (hostId === undefined) this.#memory.forget(roomId);
    else this.#memory.forgetOf(hostId, roomId);
  }

  /** A host said goodbye: what it had is not its own any more. */
  gone(hostId: string): void {
    for (const roomId of this.#memory.of(hostId)) this.#memory.forget(roomId);
  }

  /**
   * Write a room again that Redis does not have, if it was lost: with its seats, its slot and its place in the list of
   * public rooms. What its host says now has to be heard afterwards.
   */
  async recall(
    { hostId, region, address = '' }: Pick<HostReport, 'hostId' | 'region' | 'address'>,
    roomId: string,
    word: Word,
  ): Promise<RecallResult> {
    const known = this.#memory.recall(roomId, hostId);
    if (!known) return 'unknown';
    // Its lease is lost as well. The pool holds all slots of a host back whose leases it has lost: one of them is this one.
    await word.registered();
    const status = await this.#write(roomId, known, address, word.isReported);
    if (status === 'over') this.#memory.forget(roomId);
    if (status !== 'back') return ELSE[status];
    const room = { ...decodeRoom(roomId, known.record), region };
    this.onBack(word.isPlayed || (await this.slots.hold(room, known.leftMs)));
    if (room.visibility === 'public') await this.#publicRooms.update(room);
    return 'back';
  }

  async #write(
    roomId: string,
    { record, leftMs, seats, seatsSeenMsAgo }: RecalledRoom,
    address: string,
    isReported: boolean,
  ) {
    const [status] = (await this.redis.run(recallRoomScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: {
        address,
        leftMs,
        seats,
        isReported: isReported ? 1 : 0,
        seatsForMs: this.times.seatTtlMs - seatsSeenMsAgo,
      },
      rest: record,
    })) as ['back' | 'exists' | 'over' | 'unseen'];
    return status;
  }
}
