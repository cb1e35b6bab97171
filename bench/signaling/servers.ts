import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serviceMain, startProgram, type Program } from '../lib/program.js';
import { openRedis, type BenchRedis } from '../lib/redis.js';
import type { Scope } from '../lib/scope.js';

/** What is compared: a relay in memory, one with a channel a room, and ours. */
export type ServerName = 'A: in memory' | 'B: a channel a room' | 'Parley';

/** Some instances of one server, with a Redis of their own. */
export interface Servers {
  readonly name: ServerName;
  readonly programs: readonly Program[];
  readonly redis: BenchRedis;
  /** Where each instance listens. */
  readonly urls: readonly string[];
}

const reference = (letter: 'a' | 'b') => fileURLToPath(new URL(`reference-${letter}.js`, import.meta.url));

const MAINS: Readonly<Record<ServerName, string>> = {
  'A: in memory': reference('a'),
  'B: a channel a room': reference('b'),
  Parley: serviceMain('signaling'),
};

/** The load comes from one address and in bursts. Limits stay in place; they are only higher. */
const GENEROUS = {
  RATE_LIMIT_CONN_PER_10S: '10000000',
  RATE_LIMIT_MESSAGES_PER_10S: '10000000',
  RATE_LIMIT_IP_MSGS_PER_10S: '10000000',
  RATE_LIMIT_ROOM_MSGS_PER_10S: '10000000',
};

/** Start some instances of a server; they end with the scope. */
export async function openServers(name: ServerName, count: number, scope: Scope): Promise<Servers> {
  const redis = await openRedis(scope);
  const env = { ...GENEROUS, REDIS_URL: redis.url };
  const programs = await Promise.all(Array.from({ length: count }, () => startProgram(MAINS[name], env)));
  for (const program of programs) scope.onClose(() => program.stop());
  return { name, programs, redis, urls: programs.map(({ port }) => `ws://127.0.0.1:${port}`) };
}

/** Memory that a process has in use, bytes; Linux only. */
export function residentBytes({ pid }: Program): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}
