import type { RoomStore } from '@parley/redis-scripts';
import { reply, type Route } from '@parley/runtime';
import type { RoomAnswers } from './answer.js';
import { roomNotFound } from './not-found.js';

/** `GET /api/rooms/:roomId` (contract §3): where a room is, without taking a seat. */
export function showRoomRoute(rooms: RoomStore, answers: RoomAnswers): Route {
  return {
    method: 'GET',
    path: '/api/rooms/:roomId',
    async handle({ params }) {
      const room = await rooms.get(params['roomId'] ?? '');
      return room ? reply(200, await answers.of(room)) : roomNotFound();
    },
  };
}
