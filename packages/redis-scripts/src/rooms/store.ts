import type { RedisConnection } from '../connection/connection.js';
import { decodeRoom } from './record.js';
import { createRoomScript, deleteRoomScript, joinRoomScript } from './scripts.js';
import type { JoinResult, NewRoom, Room } from './types.js';

/** The rooms that gateways made. Every method throws RedisUnavailableError when Redis cannot be asked right now. */
export class RoomStore {
  constructor(private readonly redis: RedisConnection) {}

  /** Write a new room's record; it ends at `expiresAtMs`, with its lease. `exists`: choose another name. */
  async create({ roomId, address, ...room }: NewRoom): Promise<'created' | 'exists'> {
    const [status] = (await this.redis.run(createRoomScript, {
      keys: this.#keys(roomId),
      argv: { ...room, address: address ?? '' },
    })) as ['created' | 'exists'];
    return status;
  }

  /** Take a seat. However many ask at once, never more than `maxPlayers` get one. */
  async join(roomId: string): Promise<JoinResult> {
    const [status, ...flat] = (await this.redis.run(joinRoomScript, {
      keys: this.#keys(roomId),
      argv: {},
    })) as ['joined' | 'full' | 'missing', ...string[]];
    if (status !== 'joined') return { outcome: status };
    const room = decodeRoom(roomId, flat);
    return room ? { outcome: 'joined', room } : { outcome: 'missing' };
  }

  /** A room as it stands; undefined when there is none. */
  async get(roomId: string): Promise<Room | undefined> {
    const key = this.redis.keys.room.record(roomId);
    const fields = await this.redis.command('gateway-get-room', (client) => client.hgetall(key));
    return decodeRoom(roomId, Object.entries(fields).flat());
  }

  /**
   * Remove a room that the caller saw.
   * @returns false when it was gone already: then its slot is not the caller's to give back
   */
  async delete({ roomId, leaseId }: Pick<Room, 'roomId' | 'leaseId'>): Promise<boolean> {
    const [status] = (await this.redis.run(deleteRoomScript, {
      keys: this.#keys(roomId),
      argv: { leaseId },
    })) as ['deleted' | 'missing'];
    return status === 'deleted';
  }

  #keys(roomId: string) {
    return { record: this.redis.keys.room.record(roomId) };
  }
}
