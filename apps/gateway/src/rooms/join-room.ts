import type { RoomStore } from '@parley/redis-scripts';
import { problemReply, reply, type Route } from '@parley/runtime';
import type { RoomAnswers } from './answer.js';
import { roomNotFound } from './not-found.js';

/** `POST /api/rooms/:roomId/join` (contract §3): take a seat, and learn where to connect. */
export function joinRoomRoute(rooms: RoomStore, answers: RoomAnswers): Route {
  return {
    method: 'POST',
    path: '/api/rooms/:roomId/join',
    async handle({ params }) {
      const joined = await rooms.join(params['roomId'] ?? '');
      if (joined.outcome === 'missing') return roomNotFound();
      if (joined.outcome === 'joined') return reply(200, await answers.of(joined.room));
      const detail = 'Every seat of this room is taken.';
      return problemReply('room_full', detail, { older: { success: false, error: detail } });
    },
  };
}
