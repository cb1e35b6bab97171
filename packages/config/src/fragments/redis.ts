import { z } from 'zod';
import { addresses, certificates, integer, url } from '../values.js';

/** How to reach Redis: standalone by default, Cluster or Sentinel when their settings are there. */
export const redisSettings = {
  REDIS_URL: url(['redis', 'rediss'])
    .refine(
      (text) => !URL.canParse(text) || /^\/?\d*$/.test(new URL(text).pathname),
      'expected the number of a database after the host, or nothing',
    )
    .default('redis://127.0.0.1:6379')
    .describe('standalone Redis; user, password and TLS (`rediss://`) also apply to Cluster and Sentinel'),
  REDIS_CA: certificates()
    .optional()
    .describe(
      'PEM certificates that a `rediss://` Redis is to be signed by, instead of the usual ones; `\\n` may stand for line ends',
    ),
  REDIS_CLUSTER_NODES: addresses()
    .default([])
    .describe('`host:port,…` of some nodes: use Redis Cluster instead (7.0 or later)'),
  REDIS_SENTINELS: addresses()
    .default([])
    .describe('`host:port,…` of the Sentinels: use the master they name'),
  REDIS_SENTINEL_NAME: z.string().default('mymaster').describe('name of the master to ask the Sentinels for'),
  REDIS_KEY_PREFIX: z
    .string()
    .max(64)
    .regex(/^[^{}\s]*$/, 'expected text without braces or spaces')
    .default('parley:')
    .describe('put before every key and channel, so that deployments can share one Redis'),
  REDIS_COMMAND_TIMEOUT_MS: integer('milliseconds', 10, 60_000)
    .default(2_000)
    .describe('an unanswered command counts as a failure after this long'),
  CB_ERROR_THRESHOLD: integer('failures', 1, 1_000)
    .default(5)
    .describe('failures in a row that open the circuit to Redis'),
  CB_OPEN_MS: integer('milliseconds', 1, 600_000)
    .default(10_000)
    .describe('how long an open circuit refuses before it tries Redis again'),
};

export type RedisConfig = Readonly<z.output<z.ZodObject<typeof redisSettings>>>;
