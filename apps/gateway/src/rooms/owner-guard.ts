import type { Room, RoomStore } from '@parley/redis-scripts';
import { bearerToken, problemReply, type Reply, type RouteRequest } from '@parley/runtime';
import { roomNotFound } from './not-found.js';
import { isOwner } from './owner-token.js';

/** What may go wrong with a route that takes the owner's token. */
export const OWNER_PROBLEMS = ['unauthorized', 'forbidden', 'room_not_found'] as const;

/** The room of a request, if its owner asks; else the answer. */
export async function ownedRoom(
  { params, headers }: RouteRequest,
  rooms: Pick<RoomStore, 'get'>,
): Promise<{ readonly room: Room } | { readonly refused: Reply }> {
  const refuse = (code: 'unauthorized' | 'forbidden', detail: string) => ({
    refused: problemReply(code, detail, { older: { success: false, error: detail } }),
  });
  const token = bearerToken(headers.authorization);
  if (token === undefined) {
    return refuse('unauthorized', "This takes the owner's token: Authorization: Bearer OWNER_TOKEN.");
  }
  const room = await rooms.get(params['roomId'] ?? '');
  if (!room) return { refused: roomNotFound() };
  if (isOwner(token, room.ownerHash)) return { room };
  return refuse('forbidden', "This is not the token of the room's owner.");
}
