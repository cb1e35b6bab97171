import { roomAnswer, seenRoomAnswer } from '@parley/protocol';
import type { RoomStore } from '@parley/redis-scripts';
import type { Route } from '@parley/runtime';
import { z } from 'zod';
import type { Sights } from '../users/sight.js';
import { aboutRoom, type RoomAnswers } from './answer.js';
import { roomReply } from './found.js';
import { roomNotFound } from './not-found.js';

/** `GET /api/rooms/:roomId` (contract §3): where a room is, without taking a seat; as much of it as one may see. */
export function showRoomRoute(rooms: RoomStore, answers: RoomAnswers, sights: Sights): Route {
  return {
    method: 'GET',
    path: '/api/rooms/:roomId',
    docs: {
      summary:
        'Where a room is; with ENABLE_AUTH how to get in is told to tokens that name it, and to its owner',
      answer: z.union([roomAnswer, seenRoomAnswer]),
      problems: ['room_not_found', 'unauthorized', 'auth_unavailable'],
    },
    async handle(request) {
      const roomId = request.params['roomId'] ?? '';
      const room = await rooms.get(roomId);
      const sight = await sights(request, roomId, room);
      if ('refused' in sight) return sight.refused;
      if (!room) return roomNotFound();
      return roomReply(
        room,
        sight.from === 'inside' ? await answers.admitting(room, sight.user) : aboutRoom(room),
      );
    },
  };
}
