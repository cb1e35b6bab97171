import type { RedisConnection } from '../connection/connection.js';
import { RoomCounts } from '../overview/room-counts.js';
import { roomKeys } from './keys.js';
import { decodeRoom } from './record.js';
import {
  createRoomScript,
  deleteRoomScript,
  joinRoomScript,
  patchRoomScript,
  readRoomScript,
} from './scripts.js';
import type { JoinResult, NewRoom, Room, RoomChanges, RoomTimes } from './types.js';

/** The rooms that gateways made. Every method throws RedisUnavailableError when Redis cannot be asked right now. */
export class RoomStore {
  readonly #counts: RoomCounts;

  constructor(
    private readonly redis: RedisConnection,
    private readonly times: Pick<RoomTimes, 'seatTtlMs' | 'leaseMs'>,
  ) {
    this.#counts = new RoomCounts(redis);
  }

  /**
   * Write a new room's record; it ends at `expiresAtMs`, with its lease.
   * @returns the room; undefined when there is one of that name
   */
  async create({ roomId, address, where, metadata, creator, ...room }: NewRoom): Promise<Room | undefined> {
    const [status, ...flat] = (await this.redis.run(createRoomScript, {
      keys: this.#keys(roomId),
      argv: {
        ...room,
        address: address ?? '',
        creator: creator ?? '',
        where: JSON.stringify(where),
        metadata: JSON.stringify(metadata),
      },
    })) as ['created' | 'exists', ...string[]];
    if (status === 'exists') return undefined;
    const created = decodeRoom(roomId, flat);
    this.#counts.note('placed', [created], this.times.leaseMs);
    return created;
  }

  /**
   * Take a seat. However many ask at once, never more than `maxPlayers` get one.
   * @param creator who asks, if that is only granted to the one who created the room
   */
  async join(roomId: string, creator = ''): Promise<JoinResult> {
    const [outcome, ...flat] = (await this.redis.run(joinRoomScript, {
      keys: this.#keys(roomId),
      argv: { seatTtlMs: this.times.seatTtlMs, creator },
    })) as [JoinResult['outcome'], ...string[]];
    return outcome === 'joined' || outcome === 'migrating'
      ? { outcome, room: decodeRoom(roomId, flat) }
      : { outcome };
  }

  /** A room as it stands; undefined when there is none. */
  async get(roomId: string): Promise<Room | undefined> {
    const [status, ...flat] = (await this.redis.run(readRoomScript, {
      keys: this.#keys(roomId),
      argv: {},
    })) as ['found' | 'missing', ...string[]];
    return status === 'found' ? decodeRoom(roomId, flat) : undefined;
  }

  /** Change a room; undefined when there is none. */
  async patch(roomId: string, changes: RoomChanges): Promise<Room | undefined> {
    const { maxPlayers = '', visibility = '', metadata, locked } = changes;
    const [status, ...flat] = (await this.redis.run(patchRoomScript, {
      keys: this.#keys(roomId),
      argv: {
        maxPlayers,
        visibility,
        metadata: metadata === undefined ? '' : JSON.stringify(metadata),
        locked: locked === undefined ? '' : Number(locked),
      },
    })) as ['patched' | 'missing', ...string[]];
    return status === 'patched' ? decodeRoom(roomId, flat) : undefined;
  }

  /**
   * Remove a room, and tell those who watch it why.
   * @param epoch which placement of it the caller saw; any, when absent
   * @returns what it was; undefined when it was gone already, or moved: then its slot is not the caller's to give back
   */
  async delete(roomId: string, reason: string, epoch?: number): Promise<Room | undefined> {
    const [status, ...flat] = (await this.redis.run(deleteRoomScript, {
      keys: this.#keys(roomId),
      argv: { epoch: epoch ?? '', reason },
    })) as ['deleted' | 'missing', ...string[]];
    if (status === 'missing') return undefined;
    const deleted = decodeRoom(roomId, flat);
    this.#counts.noteOver([deleted]);
    return deleted;
  }

  #keys(roomId: string) {
    return roomKeys(this.redis.keys, roomId);
  }
}
