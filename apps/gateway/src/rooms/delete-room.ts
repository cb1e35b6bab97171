import type { RoomStore } from '@parley/redis-scripts';
import { bearerToken, problemReply, reply, type Route } from '@parley/runtime';
import { roomNotFound } from './not-found.js';
import { isOwner } from './owner-token.js';
import type { RoomHosts } from './place-room.js';

/** `DELETE /api/rooms/:roomId` (contract §3): only with the token that its creator was given. */
export function deleteRoomRoute(rooms: RoomStore, hosts: RoomHosts): Route {
  return {
    method: 'DELETE',
    path: '/api/rooms/:roomId',
    async handle({ params, headers }) {
      const token = bearerToken(headers.authorization);
      if (token === undefined) {
        const detail = "Deleting a room takes its owner's token: Authorization: Bearer OWNER_TOKEN.";
        return problemReply('unauthorized', detail, { older: { success: false, error: detail } });
      }
      const room = await rooms.get(params['roomId'] ?? '');
      if (!room) return roomNotFound();
      if (!isOwner(token, room.ownerHash)) {
        const detail = "This is not the token of the room's owner.";
        return problemReply('forbidden', detail, { older: { success: false, error: detail } });
      }
      // Whoever removed the record gives the slot back, nobody else; a crash in between leaves it to the lease's end.
      if (!(await rooms.delete(room))) return roomNotFound();
      await hosts.release(room);
      return reply(204);
    },
  };
}
