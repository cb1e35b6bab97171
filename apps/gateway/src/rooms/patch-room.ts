import { patchRoomBody, roomAnswer } from '@parley/protocol';
import type { PublicRooms, RoomStore } from '@parley/redis-scripts';
import { route, type Route } from '@parley/runtime';
import type { RoomAnswers } from './answer.js';
import { roomReply } from './found.js';
import { roomNotFound } from './not-found.js';
import { OWNER_PROBLEMS, ownedRoom } from './owner-guard.js';

/**
 * `PATCH /api/rooms/:roomId`: its owner changes who finds it, what others know of it, how many may play, and whether
 * anybody may join. Those who are in stay, also where there are more of them than seats now.
 */
export function patchRoomRoute(rooms: RoomStore, publicRooms: PublicRooms, answers: RoomAnswers): Route {
  return route({
    method: 'PATCH',
    path: '/api/rooms/:roomId',
    body: patchRoomBody,
    docs: { summary: 'Change a room', answer: roomAnswer, problems: OWNER_PROBLEMS, bearer: 'ownerToken' },
    async guard(request) {
      const owned = await ownedRoom(request, rooms);
      return 'refused' in owned ? owned.refused : undefined;
    },
    async handle({ params, body }) {
      const room = await rooms.patch(params['roomId'] ?? '', body);
      if (!room) return roomNotFound();
      if (body.visibility !== undefined) await publicRooms.update(room);
      return roomReply(room, await answers.admitting(room, room.creator));
    },
  });
}
