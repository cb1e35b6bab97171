/** The rooms that a game server holds, and who is in them. */
export interface GameRooms {
  /** Takes up the rooms that are new to it; true if there was one. */
  assign(roomIds: string[]): boolean;
  /**
   * A player comes. One who is quicker than the room's assignment is taken at its word while there is a free slot
   * (a real game server would check a token); false if there is none.
   */
  enter(roomId: string): boolean;
  /** A player who came goes. */
  leave(roomId: string): void;
  /** The rooms as a heartbeat reports them. */
  report(): { roomId: string; players: number }[];
  /** Forgets all rooms. */
  clear(): void;
}

/**
 * @param capacity how many rooms to take up on a player's word; what is assigned is always taken up
 * @param emptyRoomTtlMs a room without players for so long is dropped
 * @param dropped told of each room that was
 */
export function createGameRooms(
  capacity: number,
  emptyRoomTtlMs: number,
  dropped: (roomId: string) => void,
): GameRooms {
  const rooms = new Map<string, { players: number; emptyTimer: NodeJS.Timeout }>();

  const whenEmpty = (roomId: string): NodeJS.Timeout =>
    setTimeout(() => {
      rooms.delete(roomId);
      dropped(roomId);
    }, emptyRoomTtlMs);

  const add = (roomId: string): void => {
    rooms.set(roomId, { players: 0, emptyTimer: whenEmpty(roomId) });
  };

  return {
    assign: (roomIds) => {
      const added = roomIds.filter((roomId) => !rooms.has(roomId));
      for (const roomId of added) add(roomId);
      return added.length > 0;
    },
    enter: (roomId) => {
      if (!rooms.has(roomId) && rooms.size < capacity) add(roomId);
      const room = rooms.get(roomId);
      if (!room) return false;
      clearTimeout(room.emptyTimer);
      room.players += 1;
      return true;
    },
    leave: (roomId) => {
      const room = rooms.get(roomId);
      if (!room) return;
      room.players -= 1;
      if (room.players === 0) room.emptyTimer = whenEmpty(roomId);
    },
    report: () => [...rooms].map(([roomId, { players }]) => ({ roomId, players })),
    clear: () => {
      for (const { emptyTimer } of rooms.values()) clearTimeout(emptyTimer);
      rooms.clear();
    },
  };
}
