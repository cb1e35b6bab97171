/** Who plays in which room of a game server. */
export interface GameRooms {
  /** Some came or went; none did in a room that is new. */
  change(roomId: string, by: number): void;
  /** The room is this server's no more. */
  forget(roomId: string): void;
  /** Forgets all rooms. */
  clear(): void;
}

/**
 * @param emptyRoomTtlMs a room without players for so long is over
 * @param changed told how many play in a room
 * @param over told of each room that is over
 */
export function createGameRooms(
  emptyRoomTtlMs: number,
  changed: (roomId: string, players: number) => void,
  over: (roomId: string) => void,
): GameRooms {
  const rooms = new Map<string, { players: number; emptyTimer?: NodeJS.Timeout }>();
  const forget = (roomId: string): void => {
    clearTimeout(rooms.get(roomId)?.emptyTimer);
    rooms.delete(roomId);
  };
  return {
    change: (roomId, by) => {
      // Somebody left who was in a room that is over.
      if (by < 0 && !rooms.has(roomId)) return;
      const room = rooms.get(roomId) ?? { players: 0 };
      rooms.set(roomId, room);
      room.players += by;
      clearTimeout(room.emptyTimer);
      if (room.players === 0) {
        room.emptyTimer = setTimeout(() => {
          forget(roomId);
          over(roomId);
        }, emptyRoomTtlMs);
      }
      changed(roomId, room.players);
    },
    forget,
    clear: () => {
      for (const roomId of rooms.keys()) forget(roomId);
    },
  };
}
