import type { PublicRooms, RoomHosts, RoomStore } from '@parley/redis-scripts';
import { reply, type Route } from '@parley/runtime';
import { roomNotFound } from './not-found.js';
import { OWNER_PROBLEMS, ownedRoom } from './owner-guard.js';

/** `DELETE /api/rooms/:roomId` (contract §3): only with the token that its creator was given. */
export function deleteRoomRoute(
  rooms: RoomStore,
  publicRooms: PublicRooms,
  hosts: Pick<RoomHosts, 'release'>,
): Route {
  return {
    method: 'DELETE',
    path: '/api/rooms/:roomId',
    docs: { summary: 'Delete a room', status: 204, problems: OWNER_PROBLEMS, bearer: 'ownerToken' },
    async handle(request) {
      const owned = await ownedRoom(request, rooms);
      if ('refused' in owned) return owned.refused;
      // Whoever removed the record gives the slot back, nobody else; a crash in between leaves it to the lease's end.
      const deleted = await rooms.delete(owned.room.roomId, 'its owner deleted it');
      if (!deleted) return roomNotFound();
      await Promise.all([hosts.release(deleted), publicRooms.remove(deleted)]);
      return reply(204);
    },
  };
}
