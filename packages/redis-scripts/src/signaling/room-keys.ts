import type { Keys } from '../keys.js';

/** The keys that every script of a room takes. */
export function roomKeys({ room }: Keys, roomId: string) {
  return {
    members: room.members(roomId),
    state: room.state(roomId),
    log: room.log(roomId),
    held: room.held(roomId),
    host: room.host(roomId),
    channel: room.channel(roomId),
  };
}
