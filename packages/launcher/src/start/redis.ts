import { startRedis, type RunningRedis } from '@parley/embedded-redis';
import type { Progress, Step } from '../bootstrap.js';
import { Failure } from '../failure.js';
import { isReachable } from './reachable.js';

/** Gives the stack a Redis; undefined where the settings name a Cluster or Sentinels, which the services find themselves. */
export async function getRedis(progress: Progress): Promise<RunningRedis | undefined> {
  if (process.env['REDIS_CLUSTER_NODES'] || process.env['REDIS_SENTINELS']) return undefined;
  const step = progress.step('Redis');
  try {
    const redis = await startOrFind(step);
    step.done(redis.version === undefined ? 'the one of REDIS_URL' : `${redis.version} from ${redis.source}`);
    return redis;
  } catch (error) {
    step.failed();
    throw new Failure((error as Error).message, { cause: error });
  }
}

async function startOrFind(step: Step): Promise<RunningRedis> {
  const redis = await startRedis({ onProgress: step.note });
  if (redis.source !== 'REDIS_URL' || (URL.canParse(redis.url) && (await isReachable(redis.url))))
    return redis;
  throw new Error(
    'No Redis can be reached at REDIS_URL. Start it, correct it, or unset it to get one of our own.',
  );
}
