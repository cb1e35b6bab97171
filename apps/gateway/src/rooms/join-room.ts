import { roomAnswer } from '@parley/protocol';
import type { RoomStore } from '@parley/redis-scripts';
import { problemReply, type Reply, type Route } from '@parley/runtime';
import type { RoomAnswers } from './answer.js';
import { roomReply } from './found.js';
import { roomNotFound } from './not-found.js';

function refusal(code: 'room_full' | 'room_locked', detail: string): Reply {
  return problemReply(code, detail, { older: { success: false, error: detail } });
}

/**
 * `POST /api/rooms/:roomId/join` (contract §3): take a seat, and learn where to connect. A room that moves has no seats
 * to take until it is there.
 */
export function joinRoomRoute(rooms: RoomStore, answers: RoomAnswers): Route {
  return {
    method: 'POST',
    path: '/api/rooms/:roomId/join',
    docs: {
      summary: 'Take a seat in a room, and learn where to connect',
      answer: roomAnswer,
      problems: ['room_not_found', 'room_full', 'room_locked'],
    },
    async handle({ params, user }) {
      const joined = await rooms.join(params['roomId'] ?? '');
      if (joined.outcome === 'missing') return roomNotFound();
      if (joined.outcome === 'full') return refusal('room_full', 'Every seat of this room is taken.');
      if (joined.outcome === 'locked') return refusal('room_locked', 'Its owner has locked this room.');
      return roomReply(joined.room, await answers.admitting(joined.room, user));
    },
  };
}
