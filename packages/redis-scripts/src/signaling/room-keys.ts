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

/** Those that joins take: the tokens of the room's limit besides. */
export function joinKeys(keys: Keys, roomId: string) {
  return Object.assign(roomKeys(keys, roomId), { grants: keys.room.grants(roomId) });
}

/** Those that scripts of rooms with members of `parley.v1` take besides. */
export function v1Keys(keys: Keys, roomId: string) {
  const { room } = keys;
  return Object.assign(roomKeys(keys, roomId), {
    v1: room.v1(roomId),
    backlog: room.backlog(roomId),
    gaps: room.gaps(roomId),
    away: room.away(roomId),
    chat: room.chat(roomId),
  });
}
