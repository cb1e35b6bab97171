import { z } from 'zod';

const count = z.int().min(0);

/** Answer of `GET /api/overview`, and each event of `GET /api/overview/events`. */
export const overviewAnswer = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  hosts: count,
  slots: z.object({
    /** Can be promised now. */
    free: count,
    /** Promised, and not taken up yet; a party's are as many as its seats. */
    leased: count,
  }),
  regions: z.array(
    z.object({
      region: z.string(),
      hosts: count,
      free: z.object({ streaming: count, game: count }),
      leased: count,
    }),
  ),
  /** Rooms that gateways made. */
  rooms: z.object({ placed: count, open: count, migrating: count }),
  /** Rooms that were given another host, since the store began. */
  migrations: count,
  /** Signaling instances. */
  instances: count,
  /** Connections to signaling. */
  members: count,
});

export type OverviewAnswer = z.output<typeof overviewAnswer>;
