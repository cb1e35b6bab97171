import { fileURLToPath } from 'node:url';
import { serviceMain, startProgram, type Program } from '../lib/program.js';
import { openRedis, type BenchRedis } from '../lib/redis.js';
import type { Scope } from '../lib/scope.js';

export const HOST_SECRET = 'bench-host-secret';

/** Who answers matches and heartbeats. */
export const SERVERS = ['A: express', 'B: node:http', 'Parley'] as const;
export type ServerName = (typeof SERVERS)[number];

/** A server with a Redis of its own, so that what one leaves behind costs the others nothing. */
export interface MatchServer {
  readonly name: ServerName;
  readonly program: Program;
  readonly redis: BenchRedis;
}

const reference = (letter: 'a' | 'b') => fileURLToPath(new URL(`reference-${letter}.js`, import.meta.url));

const MAINS: Readonly<Record<ServerName, string>> = {
  'A: express': reference('a'),
  'B: node:http': reference('b'),
  Parley: serviceMain('matchmaker'),
};

const SETTINGS = {
  HOST_SECRET,
  SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:3002',
  // Hosts register once and are not heard of again while matches are measured.
  HOST_TTL_SECONDS: '3600',
  // Leases end as fast as they are made: the pool does the whole work of a match, and stays as it is.
  LEASE_TTL_SECONDS: '1',
};

/** Start a server; it ends with the scope. */
export async function openServer(
  name: ServerName,
  scope: Scope,
  env: Readonly<Record<string, string>> = {},
): Promise<MatchServer> {
  const redis = await openRedis(scope);
  const program = await startProgram(MAINS[name], { ...SETTINGS, ...env, REDIS_URL: redis.url });
  scope.onClose(program.stop);
  return { name, program, redis };
}
