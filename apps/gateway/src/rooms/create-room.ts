import { createdRoomAnswer, createRoomBody, wantedRegions } from '@parley/protocol';
import { problemReply, reply, route, type Reply, type Route } from '@parley/runtime';
import { refusal as forbidden } from '../users/admit.js';
import type { CallersRequest } from '../users/for-users.js';
import type { RoomAnswers } from './answer.js';
import type { CreateResult, RoomCreator } from './create-once.js';
import { roomNotFound } from './not-found.js';

/** Seconds after which a client may ask again: hosts heartbeat about as often. */
const RETRY_AFTER_SECONDS = '5';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

function badKey(): Reply {
  const detail = 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.';
  return problemReply('malformed_request', detail, { older: { success: false, error: detail } });
}

/** Each user has keys of their own: who guesses another's must not get their room. */
const keyOf = (key: string, user: string | undefined) => (user === undefined ? key : `${key} ${user}`);

/** What is told when there is no room to tell of. */
function refusal(why: Extract<CreateResult, string>): Reply {
  if (why === 'gone') return roomNotFound();
  if (why === 'key-reused') {
    const detail = 'This Idempotency-Key came with another body before; use a new key for a new room.';
    return problemReply('idempotency_key_reused', detail, { older: { success: false, error: detail } });
  }
  const detail = 'No host has a free slot for a room right now; try again shortly.';
  return problemReply('no_capacity', detail, {
    older: { success: false, error: detail },
    headers: { 'Retry-After': RETRY_AFTER_SECONDS },
  });
}

/**
 * `POST /api/rooms` (contract §3). Answers with where to connect and the owner's token, told only here. Creating a
 * room takes none of its seats: everyone who plays joins, the creator too. With an `Idempotency-Key` a retry gets the
 * same room, for an hour.
 */
export function createRoomRoute(creator: RoomCreator, answers: RoomAnswers): Route {
  return route({
    method: 'POST',
    path: '/api/rooms',
    body: createRoomBody,
    docs: {
      summary:
        'Create a room on a host with a free slot; a retry with the same Idempotency-Key gets the same room',
      status: 201,
      answer: createdRoomAnswer,
      problems: ['no_capacity', 'malformed_request', 'idempotency_key_reused', 'room_not_found'],
    },
    guard: ({ caller }: CallersRequest) =>
      caller?.isRoomToken
        ? forbidden('forbidden', "Creating a room takes a user's token, not the token of a room.")
        : undefined,
    async handle({ body, headers, user, traceparent }) {
      const { maxPlayers, visibility, metadata, strategy } = body;
      const where = { regions: wantedRegions(body), strategy };
      const wishes = { where, maxPlayers, visibility, metadata, creator: user };
      const key = headers['idempotency-key'];
      if (key !== undefined && !(typeof key === 'string' && IDEMPOTENCY_KEY.test(key))) return badKey();
      const created = await (key === undefined
        ? creator.create(wishes)
        : creator.createOnce(keyOf(key, user), wishes));
      if (typeof created === 'string') return refusal(created);
      const { room, ownerToken } = created;
      const location = { Location: `/api/rooms/${room.roomId}` };
      const answer = reply(
        201,
        { ...(await answers.admitting(room, user, traceparent)), ownerToken },
        location,
      );
      // With a key the client comes back for it.
      return key === undefined ? { ...answer, ifUnsent: () => creator.undo(room) } : answer;
    },
  });
}
