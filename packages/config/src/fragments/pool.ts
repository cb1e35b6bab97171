import { integer } from '../values.js';

/** Times of the host pool, shared by matchmaker and gateway. */
export const poolSettings = {
  HOST_TTL_SECONDS: integer('seconds', 1, 3_600)
    .default(30)
    .describe('a host that is silent for this long is not handed out'),
  LEASE_TTL_SECONDS: integer('seconds', 1, 3_600)
    .default(30)
    .describe('a slot that was promised and not taken up returns after this long'),
};
