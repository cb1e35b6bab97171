import type { RedisConnection } from '../connection/connection.js';
import { RedisUnavailableError } from '../connection/errors.js';
import { announce } from '../signaling/announce.js';
import type { Assignment } from './host-rooms.js';

/** Where a room was placed. */
interface Placed {
  readonly roomId: string;
  readonly hostId: string;
  readonly region: string;
  readonly hostRoomId: string;
  readonly address?: string | undefined;
  readonly leaseId: string;
  readonly expiresAtMs: number;
}

/**
 * Tells people in signaling rooms at once what happens to rooms (contract §3). Nothing depends on it: hosts hear the
 * same in their heartbeats' answers, and clients when they ask.
 */
export class RoomNews {
  constructor(private readonly redis: RedisConnection) {}

  /** A streaming host is told in its own signaling room of a room that it is to open. */
  async assigned({ roomId, leaseId, expiresAtMs: expiresAt, hostRoomId, address }: Placed): Promise<void> {
    if (address !== undefined && address !== '') return;
    const assignment: Assignment = { roomId, leaseId, expiresAt };
    await this.#tell(hostRoomId, 'room-assigned', { ...assignment });
  }

  /** Those who are in a room are told that it has another host. */
  async moved({ roomId, hostId, region, address }: Placed): Promise<void> {
    const where = { roomId, hostId, region, ...(address && { serverAddress: address }) };
    await this.#tell(roomId, 'room-migrated', where);
  }

  async #tell(roomId: string, action: string, payload: Record<string, unknown>): Promise<void> {
    try {
      await announce(this.redis, roomId, action, payload);
    } catch (error) {
      if (!(error instanceof RedisUnavailableError)) throw error;
    }
  }
}
