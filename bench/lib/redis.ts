import { startRedis } from '@parley/embedded-redis';
import type { Scope } from './scope.js';

/** A Redis of the bench alone. */
export interface BenchRedis {
  readonly url: string;
  readonly pid: number;
}

/** Start a Redis that ends with the scope; `REDIS_URL` is ignored, as it may be somebody's data. */
export async function openRedis(scope: Scope): Promise<BenchRedis> {
  const redis = await startRedis({ ignoreUrl: true });
  scope.onClose(redis.stop);
  return { url: redis.url, pid: redis.pid ?? 0 };
}
