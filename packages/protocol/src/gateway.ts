import { z } from 'zod';
import { region } from './ids.js';

/** Most players a room may be created for. */
export const MAX_PLAYERS_LIMIT = 10_000;

/** Most regions one request may prefer. */
const REGIONS_LIMIT = 32;

/** `POST /api/rooms` (contract §3). A named region is a filter; `regions` is one in order of preference. */
export const createRoomBody = z.object({
  region: region.optional(),
  regions: z.array(region).min(1).max(REGIONS_LIMIT).optional(),
  maxPlayers: z.number().int().min(1).max(MAX_PLAYERS_LIMIT).optional(),
});
export type CreateRoom = z.output<typeof createRoomBody>;
