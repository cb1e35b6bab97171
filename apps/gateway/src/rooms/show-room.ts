import { roomAnswer } from '@parley/protocol';
import type { RoomStore } from '@parley/redis-scripts';
import type { Route } from '@parley/runtime';
import type { RoomAnswers } from './answer.js';
import { roomReply } from './found.js';
import { roomNotFound } from './not-found.js';

/** `GET /api/rooms/:roomId` (contract §3): where a room is, without taking a seat. */
export function showRoomRoute(rooms: RoomStore, answers: RoomAnswers): Route {
  return {
    method: 'GET',
    path: '/api/rooms/:roomId',
    docs: { summary: 'Where a room is', answer: roomAnswer, problems: ['room_not_found'] },
    async handle({ params }) {
      const room = await rooms.get(params['roomId'] ?? '');
      return room ? roomReply(room, await answers.of(room)) : roomNotFound();
    },
  };
}
