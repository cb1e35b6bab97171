import type { Keys } from '../keys.js';

/** The keys of every script of a room's life. */
export function roomKeys({ room }: Keys, roomId: string) {
  return {
    record: room.record(roomId),
    seats: room.seats(roomId),
    events: room.events(roomId),
    members: room.members(roomId),
  };
}
