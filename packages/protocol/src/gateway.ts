import { z } from 'zod';
import { region } from './ids.js';

/** Most players a room may be created for. */
export const MAX_PLAYERS_LIMIT = 10_000;

/** `POST /api/rooms` (contract §3). A named region is a filter. */
export const createRoomBody = z.object({
  region: region.optional(),
  maxPlayers: z.number().int().min(1).max(MAX_PLAYERS_LIMIT).optional(),
});
export type CreateRoom = z.output<typeof createRoomBody>;
