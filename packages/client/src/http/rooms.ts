import type { CreatedRoomAnswer, CreateRoomInput, RoomAnswer, RoomListAnswer } from '@parley/protocol';
import { delay } from '../util/abort.js';
import { randomId } from '../util/random-id.js';
import { request, urlOf, type RequestOptions } from './request.js';

const roomUrl = (gatewayUrl: string, roomId: string, rest = '') =>
  urlOf(gatewayUrl, `/api/rooms/${encodeURIComponent(roomId)}${rest}`);

/** What creating a room takes beside what every request does. */
export interface CreateOptions extends RequestOptions {
  /** Whoever comes with the same key gets the same room, for an hour. Default: a random one for each call. */
  readonly idempotencyKey?: string;
}

/**
 * Create a room. It takes none of the room's seats: whoever plays joins.
 * @param options `retries` (default 2; a retry gets the same room)
 * @returns where it is, and its `ownerToken`, which is told only here
 * @throws ParleyError, with the code `no_capacity` when no host has a free slot
 */
export function createRoom(
  gatewayUrl: string,
  wishes: CreateRoomInput = {},
  options: CreateOptions = {},
): Promise<CreatedRoomAnswer> {
  const idempotencyKey = options.idempotencyKey ?? randomId();
  return request('POST', urlOf(gatewayUrl, '/api/rooms'), {
    retries: 2,
    ...options,
    idempotencyKey,
    body: wishes,
  });
}

/** What joining a room takes beside what every request does. */
export interface JoinOptions extends RequestOptions {
  /** How long to wait while the room moves to another host, ms. Default 30000. */
  readonly migratingMs?: number;
}

const MIGRATING_MS = 30_000;
const ASK_AGAIN_MS = 1_000;

/**
 * Take a seat in a room, and learn where to connect. While the room moves it is asked again.
 * @param options `retries` (default 0)
 * @throws ParleyError, with the code `room_not_found`, `room_full` or `room_locked`
 */
export async function joinRoom(
  gatewayUrl: string,
  roomId: string,
  options: JoinOptions = {},
): Promise<RoomAnswer> {
  const untilMs = Date.now() + (options.migratingMs ?? MIGRATING_MS);
  for (;;) {
    const room = await request<RoomAnswer>('POST', roomUrl(gatewayUrl, roomId, '/join'), options);
    if (room.status !== 'migrating' || Date.now() + ASK_AGAIN_MS > untilMs) return room;
    await delay(ASK_AGAIN_MS, options.signal);
  }
}

/** What is known of a room, without taking a seat. @throws ParleyError, with the code `room_not_found` */
export function getRoom(
  gatewayUrl: string,
  roomId: string,
  options: RequestOptions = {},
): Promise<RoomAnswer> {
  return request('GET', roomUrl(gatewayUrl, roomId), { retries: 2, ...options });
}

/** A page of public rooms, newest first. @param where `region`, and the `cursor` of the page before */
export function listRooms(
  gatewayUrl: string,
  where: { readonly region?: string; readonly cursor?: string } = {},
  options: RequestOptions = {},
): Promise<RoomListAnswer> {
  const query = new URLSearchParams({ ...where }).toString();
  return request('GET', urlOf(gatewayUrl, `/api/rooms${query && `?${query}`}`), { retries: 2, ...options });
}

/** Delete a room. @param ownerToken what its creator was given @throws ParleyError */
export function deleteRoom(
  gatewayUrl: string,
  roomId: string,
  ownerToken: string,
  options: RequestOptions = {},
): Promise<void> {
  return request('DELETE', roomUrl(gatewayUrl, roomId), { ...options, token: ownerToken });
}
