import type { Room } from '@parley/redis-scripts';
import { bearerToken, type Reply, type RouteRequest } from '@parley/runtime';
import { roomNotFound } from '../rooms/not-found.js';
import { isOwner } from '../rooms/owner-token.js';
import { isCreator, isNamed, refusal, type Admission } from './admit.js';

/**
 * What somebody sees of a room. `inside`: all there is, and how to get in, as that user; `outside`: what is said of listed
 * rooms.
 */
export type Sight =
  | { readonly from: 'inside'; readonly user?: string | undefined }
  | { readonly from: 'outside' }
  | { readonly refused: Reply };

/** Tells what somebody sees of a room; undefined is one that is not there (any more). */
export type Sights = (request: Pick<RouteRequest, 'headers'>, roomId: string, room?: Room) => Promise<Sight>;

const OUTSIDE: Sight = { from: 'outside' };

/**
 * Make what tells who sees what of a room. Without `ENABLE_AUTH` who knows the name sees all. With it all is for the owner's
 * token, for tokens that name the room, and for the user who created it. Others see public rooms from outside, and of private
 * ones as much if their token lets them join by name. Nobody else learns whether a private room is there.
 */
export function createSights(admit: Admission | undefined): Sights {
  if (!admit) return () => Promise.resolve({ from: 'inside' });
  return async (request, roomId, room) => {
    const token = bearerToken(request.headers.authorization);
    const isPublic = room?.visibility === 'public';
    if (token === undefined && isPublic) return OUTSIDE;
    if (token === undefined) {
      return { refused: refusal('unauthorized', 'This takes a token, unless the room is a public one.') };
    }
    if (room && isOwner(token, room.ownerHash)) return { from: 'inside', user: room.creator };
    const admitted = await admit(request);
    if ('refused' in admitted) return admitted;
    const { caller } = admitted;
    if (isNamed(caller, roomId) || isCreator(caller, room?.creator)) {
      return { from: 'inside', user: caller.user };
    }
    return isPublic || caller.rooms === undefined ? OUTSIDE : { refused: roomNotFound() };
  };
}
