import { integer } from '../values.js';

/** How long an empty room stays. */
export const roomTtlSettings = {
  ROOM_TTL_SECONDS: integer('seconds', 1, 86_400)
    .default(120)
    .describe('a room expires this long after the last member left'),
};
