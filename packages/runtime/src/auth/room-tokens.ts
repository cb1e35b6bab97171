import type { RoomTokenConfig } from '@parley/config';
import { mintRoomToken } from './room-token.js';

/** Long enough to come back after a dropped connection; hosts get a new one with every heartbeat. */
const ROOM_TOKEN_TTL_SECONDS = 600;

/** Makes the field that lets somebody into a room, or into several: none when signaling asks for no tokens. */
export type RoomTokens = (
  rooms: string | readonly string[],
  role: 'client' | 'host',
  /** The user, so that signaling knows them by name. */
  sub?: string,
) => { token?: string };

/** Room tokens while `ENABLE_AUTH` is on (contract §2). */
export function createRoomTokens(config: RoomTokenConfig): RoomTokens {
  if (!config.ENABLE_AUTH) return () => ({});
  return (rooms, role, sub) => ({
    token: mintRoomToken(
      config,
      { rooms: [rooms].flat(), role, ...(sub !== undefined && { sub }) },
      ROOM_TOKEN_TTL_SECONDS,
    ),
  });
}
