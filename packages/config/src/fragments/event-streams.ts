import { integer } from '../values.js';

/** How many server-sent event streams one instance holds open. */
export const eventStreamSettings = {
  EVENT_STREAMS_MAX: integer('streams', 1, 1_000_000)
    .default(10_000)
    .describe('most event streams that one instance holds open at a time'),
  // Off by default: behind a load balancer that TRUST_PROXY does not name, all clients have one address.
  EVENT_STREAMS_PER_IP: integer('streams', 0, 1_000_000)
    .default(0)
    .describe(
      'most event streams that one instance holds open for one client address; 0 for no limit. Set `TRUST_PROXY` first',
    ),
};

export type EventStreamConfig = Readonly<{ EVENT_STREAMS_MAX: number; EVENT_STREAMS_PER_IP: number }>;
