import { createRoomBody, MAX_PLAYERS_LIMIT } from '@parley/protocol';
import { problemReply, reply, route, type Route } from '@parley/runtime';
import type { RoomAnswers } from './answer.js';
import { newOwnerToken, ownerHash } from './owner-token.js';
import type { RoomPlacer } from './place-room.js';

/** Seconds after which a client may ask again: hosts heartbeat about as often. */
const RETRY_AFTER_SECONDS = '5';

/**
 * `POST /api/rooms` (contract §3). Answers with where to connect and the owner's token, told only here. Creating a
 * room takes none of its seats: everyone who plays joins, the creator too.
 */
export function createRoomRoute(placer: RoomPlacer, answers: RoomAnswers): Route {
  return route({
    method: 'POST',
    path: '/api/rooms',
    body: createRoomBody,
    async handle({ body: { region, regions, maxPlayers = MAX_PLAYERS_LIMIT } }) {
      const ownerToken = newOwnerToken();
      const room = await placer.place({
        regions: region === undefined ? regions : [region],
        maxPlayers,
        ownerHash: ownerHash(ownerToken),
      });
      if (room) {
        const headers = { Location: `/api/rooms/${room.roomId}` };
        return reply(201, { ...(await answers.of({ ...room, players: 0 })), ownerToken }, headers);
      }
      const detail = 'No host has a free slot for a room right now; try again shortly.';
      return problemReply('no_capacity', detail, {
        older: { success: false, error: detail },
        headers: { 'Retry-After': RETRY_AFTER_SECONDS },
      });
    },
  });
}
