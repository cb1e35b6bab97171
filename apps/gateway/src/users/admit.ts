import type { AuthConfig } from '@parley/config';
import type { ProblemCode } from '@parley/protocol';
import {
  bearerToken,
  createTokenVerifier,
  problemReply,
  type Reply,
  type RouteRequest,
} from '@parley/runtime';

/** Who asks, as a good token says. */
export interface Caller {
  /** `sub` of the token; an empty one names nobody. */
  readonly user?: string;
  /** The rooms that the token names; absent where it says nothing of rooms. */
  readonly rooms?: readonly string[];
  /** It is a room token of ours, not one that users have of their issuer. */
  readonly isRoomToken: boolean;
}

/** A caller; or the answer to somebody who has no good token. */
export type Admitted = { readonly caller: Caller } | { readonly refused: Reply };

/** Tells callers by their tokens. */
export type Admission = (request: Pick<RouteRequest, 'headers'>) => Promise<Admitted>;

/** The answer to somebody whose token is missing, or not good for what they ask. */
export function refusal(
  code: Extract<ProblemCode, 'unauthorized' | 'forbidden' | 'auth_unavailable'>,
  detail: string,
): Reply {
  const headers = code === 'unauthorized' ? { 'WWW-Authenticate': 'Bearer' } : {};
  return problemReply(code, detail, { older: { success: false, error: detail }, headers });
}

/** Whether a caller may have to do with a room because the token says so. */
export function isNamed({ rooms }: Caller, roomId: string): boolean {
  return rooms?.includes(roomId) ?? false;
}

/** Whether a caller is the user who created a room; whoever holds a room token may be anybody. */
export function isCreator({ user, isRoomToken }: Caller, creator: string | undefined): boolean {
  return !isRoomToken && user !== undefined && user === creator;
}

/** Make what tells callers by their tokens (contract §4): users' own, and the room tokens that we give. */
export function createAdmission(config: AuthConfig): Admission {
  const verifier = createTokenVerifier(config);
  return async ({ headers }) => {
    const token = bearerToken(headers.authorization);
    const refuse = (...why: Parameters<typeof refusal>) => ({ refused: refusal(...why) });
    if (token === undefined) {
      return refuse('unauthorized', "This takes a user's token: Authorization: Bearer TOKEN.");
    }
    const verdict = await verifier.verify(token);
    if (!verdict.ok && verdict.why === 'unavailable') {
      return refuse('auth_unavailable', 'The keys of tokens cannot be had right now; try again shortly.');
    }
    if (!verdict.ok) return refuse('unauthorized', 'This token is not good: expired, or not made for us.');
    const { sub, rooms, namesRooms, isRoomToken = false } = verdict.claims;
    return { caller: { isRoomToken, ...(sub && { user: sub }), ...(namesRooms && { rooms }) } };
  };
}
