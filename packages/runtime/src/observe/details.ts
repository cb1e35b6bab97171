import { readFileSync } from 'node:fs';
import type { RedisConnection, RedisSight } from '@parley/redis-scripts';
import type { Health } from '../lifecycle/health.js';
import { watchLoopDelay, type LoopDelay } from './loop-delay.js';

/** Whom to ask how Redis is. */
export type RedisLook = Pick<RedisConnection, 'look'>;

/** What `GET /readyz?verbose` tells of one process. Nothing of it is secret: no address, no setting. */
export interface Details {
  readonly ready: boolean;
  readonly draining: boolean;
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly memory: {
    readonly rssBytes: number;
    readonly heapUsedBytes: number;
    readonly heapTotalBytes: number;
  };
  readonly eventLoopDelay: LoopDelay;
  readonly redis: RedisSight;
}

/** Whoever asks more often gets the same answer, so that asking cannot be made a load on Redis. */
const CACHE_MS = 1_000;

/** As long as the plain probe gives its checks. */
const REDIS_TIMEOUT_MS = 1_000;

interface Manifest {
  readonly version: string;
}

const readVersion = () =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest).version;

function memory(): Details['memory'] {
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  return { rssBytes: rss, heapUsedBytes: heapUsed, heapTotalBytes: heapTotal };
}

/**
 * What an operator wants to know of this process. Takes about a second at most, whatever Redis does.
 * @returns asks; a drain shows at once, the rest is up to a second old
 */
export function createDetails(health: Health, redis: RedisLook): () => Promise<Details> {
  const loopDelay = watchLoopDelay();
  const version = readVersion();
  let cached: Promise<Details> | undefined;
  let freshUntilMs = 0;

  async function look(): Promise<Details> {
    const [ready, sight] = await Promise.all([health.isReady(), redis.look(REDIS_TIMEOUT_MS)]);
    freshUntilMs = performance.now() + CACHE_MS;
    return {
      ready,
      draining: health.isDraining,
      version,
      node: process.version,
      pid: process.pid,
      uptimeSeconds: Math.round(process.uptime()),
      memory: memory(),
      eventLoopDelay: loopDelay(),
      redis: sight,
    };
  }

  return async () => {
    if (!cached || performance.now() > freshUntilMs) {
      // Not fresh for ever: until it is known when it was looked.
      freshUntilMs = Number.POSITIVE_INFINITY;
      cached = look();
    }
    const details = await cached;
    return health.isDraining ? { ...details, ready: false, draining: true } : details;
  };
}
