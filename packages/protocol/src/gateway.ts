import { z } from 'zod';
import { hostId, region, roomId } from './ids.js';
import { iceServer, strategy, traceparent } from './matchmaker.js';
import { roomMetadata } from './metadata.js';

/** Most players a room may be created for. */
export const MAX_PLAYERS_LIMIT = 10_000;

/** Most regions one request may name. */
const REGIONS_LIMIT = 64;

const maxPlayers = z.number().int().min(1).max(MAX_PLAYERS_LIMIT);

/** A `private` room is found only by its name; a `public` one is listed. */
export const visibility = z.enum(['private', 'public']);

/** `POST /api/rooms` (contract §3). Regions as in a match: `region`, `regions` and `latencies` narrow down and order. */
export const createRoomBody = z.object({
  region: region.optional(),
  regions: z.array(region).min(1).max(REGIONS_LIMIT).optional(),
  latencies: z.record(region, z.number().min(0).nullable()).optional(),
  strategy: strategy.optional(),
  maxPlayers: maxPlayers.default(MAX_PLAYERS_LIMIT),
  visibility: visibility.default('private'),
  metadata: roomMetadata.default({}),
});
export type CreateRoom = z.output<typeof createRoomBody>;
/** The same as a client writes it. */
export type CreateRoomInput = z.input<typeof createRoomBody>;

/** `PATCH /api/rooms/:roomId`: what its owner changes; the rest stays. Nobody joins a locked room. */
export const patchRoomBody = z.object({
  maxPlayers: maxPlayers.optional(),
  visibility: visibility.optional(),
  metadata: roomMetadata.optional(),
  locked: z.boolean().optional(),
});
export type PatchRoom = z.output<typeof patchRoomBody>;

/** What anyone may know of a room who knows its name, or sees it listed. */
const listedRoom = z.object({
  roomId,
  region,
  status: z.enum(['open', 'migrating']),
  players: z.number().int().describe('seats taken'),
  maxPlayers: z.number().int(),
  visibility,
  locked: z.boolean(),
  metadata: z.record(z.string(), z.unknown()),
  createdAt: z.number().describe('ms since 1970'),
});

/** `GET /api/rooms`: a page of public rooms, newest first; `cursor` asks for the next one, and is absent on the last. */
export const roomListAnswer = z.object({
  rooms: z.array(listedRoom).readonly(),
  cursor: z.string().optional(),
});
export type RoomListAnswer = z.output<typeof roomListAnswer>;

/** A room as somebody sees it who may not be told how to get in. */
export const seenRoomAnswer = listedRoom;
export type SeenRoomAnswer = z.output<typeof seenRoomAnswer>;

/** Where a room is (contract §3): a game server has `serverAddress`, a streaming host `signalingUrl` and `iceServers`. */
export const roomAnswer = listedRoom.extend({
  hostId,
  expiresAt: z.number().describe('ms since 1970'),
  serverAddress: z.string().optional().describe('host:port of the game server'),
  signalingUrl: z.string().optional(),
  iceServers: z.array(iceServer).readonly().optional(),
  token: z
    .string()
    .optional()
    .describe('lets one into the signaling room, for ten minutes; with ENABLE_AUTH, to whoever may be in it'),
  traceparent,
});
export type RoomAnswer = z.output<typeof roomAnswer>;

/** The answer to creating a room: the only one that carries its owner's token. */
export const createdRoomAnswer = roomAnswer.extend({ ownerToken: z.string() });
export type CreatedRoomAnswer = z.output<typeof createdRoomAnswer>;
