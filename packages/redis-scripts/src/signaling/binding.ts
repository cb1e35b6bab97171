import type { RedisConnection } from '../connection/connection.js';
import { decodePresence } from './decode.js';
import { roomKeys } from './room-keys.js';
import { roomBindHost } from './scripts.js';
import type { Presence } from './types.js';

/** Hosts repeat their registration every minute or so; one that has not for an hour is gone. */
const BINDING_TTL_MS = 3_600_000;

/** Ties a signaling room to the streaming host that meets its clients there (P2, P6). */
export class RoomBinding {
  constructor(private readonly redis: RedisConnection) {}

  /**
   * Bind a room for an hour: from then on signaling reports every change of it to the host's pool.
   * @returns who is in the room right now
   * @throws RedisUnavailableError
   */
  async bindHost(roomId: string, host: { region: string; hostId: string }): Promise<Presence> {
    const answer = (await this.redis.run(roomBindHost, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { host: JSON.stringify({ region: host.region, hostId: host.hostId }), ttlMs: BINDING_TTL_MS },
    })) as unknown[];
    const presence = decodePresence(roomId, answer.slice(1));
    if (!presence) throw new Error('a room that was just bound answers no binding');
    return presence;
  }
}
