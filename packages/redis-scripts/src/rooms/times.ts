import type { RoomTimes } from './types.js';

/** Times of rooms, from the settings of the same names. */
export function roomTimes(config: {
  readonly HOST_TTL_SECONDS: number;
  readonly LEASE_TTL_SECONDS: number;
  readonly ROOM_TTL_SECONDS: number;
}): RoomTimes {
  const hostTtlMs = config.HOST_TTL_SECONDS * 1_000;
  const roomTtlMs = config.ROOM_TTL_SECONDS * 1_000;
  return {
    leaseMs: roomTtlMs,
    // A room that is used must not end before its host, which vouches for it, counts as gone.
    keepMs: Math.max(roomTtlMs, 2 * hostTtlMs),
    emptyMs: roomTtlMs,
    seatTtlMs: config.LEASE_TTL_SECONDS * 1_000,
    hostTtlMs,
  };
}
