import { integer } from '../values.js';

/** The background loop that retires expired hosts and leases of regions that nobody asks about. */
export const reaperSettings = {
  REAP_INTERVAL_MS: integer('milliseconds', 10, 3_600_000)
    .default(10_000)
    .describe(
      'time between two rounds of retiring expired hosts; one matchmaker does it, another takes over after two rounds without a sign of it',
    ),
};
