import { integer } from '../values.js';

/** How much one client may ask of the public HTTP endpoints. */
export const httpLimitSettings = {
  // Off by default: behind a load balancer that TRUST_PROXY does not name, all clients have one address.
  RATE_LIMIT_HTTP_PER_10S: integer('requests', 0, 1_000_000)
    .default(0)
    .describe(
      'requests that one client address may send to the public endpoints in 10 s, over all instances; 0 for no limit. Set `TRUST_PROXY` first',
    ),
};

/** How much one user may ask, whatever their addresses. */
export const userLimitSettings = {
  RATE_LIMIT_USER_PER_10S: integer('requests', 0, 1_000_000)
    .default(0)
    .describe(
      'rooms that one user (`sub` of the token, with `ENABLE_AUTH`) may create and join in 10 s, over all instances; 0 for no limit',
    ),
};

export type UserLimitConfig = Readonly<{ RATE_LIMIT_USER_PER_10S: number }>;

export type HttpLimitConfig = Readonly<{ RATE_LIMIT_HTTP_PER_10S: number }>;
