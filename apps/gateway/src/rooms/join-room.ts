import { roomAnswer } from '@parley/protocol';
import type { RoomStore } from '@parley/redis-scripts';
import { problemReply, type Reply, type Route } from '@parley/runtime';
import { isNamed } from '../users/admit.js';
import type { CallersRequest } from '../users/for-users.js';
import type { RoomAnswers } from './answer.js';
import { roomReply } from './found.js';
import { roomNotFound } from './not-found.js';

function refusal(code: 'room_full' | 'room_locked' | 'forbidden', detail: string): Reply {
  return problemReply(code, detail, { older: { success: false, error: detail } });
}

const notNamed = () => refusal('forbidden', 'This token names rooms, and this one is not among them.');

/**
 * `POST /api/rooms/:roomId/join` (contract §3): take a seat, and learn where to connect. A room that moves has no seats
 * to take until it is there.
 */
export function joinRoomRoute(rooms: RoomStore, answers: RoomAnswers): Route {
  async function handle({ params, user, caller, traceparent }: CallersRequest): Promise<Reply> {
    const roomId = params['roomId'] ?? '';
    // A token that names other rooms still lets its user into the rooms that they created.
    const onlyAsCreator = caller?.rooms !== undefined && !isNamed(caller, roomId);
    if (onlyAsCreator && (caller.isRoomToken || user === undefined)) return notNamed();
    const joined = await rooms.join(roomId, onlyAsCreator ? user : undefined);
    switch (joined.outcome) {
      case 'missing':
        // Who may not join it does not learn either whether it is there.
        return onlyAsCreator ? notNamed() : roomNotFound();
      case 'forbidden':
        return notNamed();
      case 'full':
        return refusal('room_full', 'Every seat of this room is taken.');
      case 'locked':
        return refusal('room_locked', 'Its owner has locked this room.');
      default:
        return roomReply(joined.room, await answers.admitting(joined.room, user, traceparent));
    }
  }

  return {
    method: 'POST',
    path: '/api/rooms/:roomId/join',
    docs: {
      summary: 'Take a seat in a room, and learn where to connect',
      answer: roomAnswer,
      problems: ['room_not_found', 'room_full', 'room_locked'],
    },
    handle,
  };
}
