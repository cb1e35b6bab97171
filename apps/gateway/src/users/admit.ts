import type { AuthConfig } from '@parley/config';
import type { ProblemCode } from '@parley/protocol';
import {
  bearerToken,
  createTokenVerifier,
  problemReply,
  type Reply,
  type RouteRequest,
  type TokenClaims,
} from '@parley/runtime';

/** Who asks, as their token says; or the answer to somebody whose token is not good for this. */
export type Admitted = { readonly user: string | undefined } | { readonly refused: Reply };

function refuse(code: ProblemCode, detail: string): Admitted {
  const headers = code === 'unauthorized' ? { 'WWW-Authenticate': 'Bearer' } : {};
  return { refused: problemReply(code, detail, { older: { success: false, error: detail }, headers }) };
}

/** Why a good token is not good for this, if it is not. */
function forbidden({ rooms, namesRooms, isRoomToken }: TokenClaims, roomId: string | undefined) {
  if (roomId !== undefined) {
    return namesRooms && !rooms.includes(roomId) && 'This token names rooms, and this one is not among them.';
  }
  return isRoomToken && "Creating a room takes a user's token, not the token of a room.";
}

/**
 * Make what tells users by their tokens (contract §4). Anybody with a good token may create rooms, and join those whose
 * names they know; a token that names rooms, as room tokens do, lets one join those only.
 */
export function createAdmission(config: AuthConfig) {
  const verifier = createTokenVerifier(config);
  return async ({ headers, params }: Pick<RouteRequest, 'headers' | 'params'>): Promise<Admitted> => {
    const token = bearerToken(headers.authorization);
    if (token === undefined) {
      return refuse('unauthorized', "This takes a user's token: Authorization: Bearer TOKEN.");
    }
    const verdict = await verifier.verify(token);
    if (!verdict.ok && verdict.why === 'unavailable') {
      return refuse('auth_unavailable', 'The keys of tokens cannot be had right now; try again shortly.');
    }
    if (!verdict.ok) return refuse('unauthorized', 'This token is not good: expired, or not made for us.');
    const why = forbidden(verdict.claims, params['roomId']);
    return why ? refuse('forbidden', why) : { user: verdict.claims.sub };
  };
}
