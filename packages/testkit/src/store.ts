import { startRedis } from '@parley/embedded-redis';
import { startCluster, useCluster } from './cluster.js';
import { useRedis } from './redis.js';
import { startSentinel, useSentinel } from './sentinel.js';

/** A Redis of some kind, for suites that only need to know how a service finds it. */
export interface TestStore {
  readonly env: Readonly<Record<string, string>>;
}

/** Start a Redis of a kind: a 3-master `cluster`, a master that a `sentinel` watches, or just one. */
export async function startStore(kind?: string): Promise<TestStore & { stop(): Promise<void> }> {
  if (kind === 'cluster') return startCluster();
  if (kind === 'sentinel') return startSentinel();
  const { url, stop } = await startRedis({ ignoreUrl: true });
  return { env: { REDIS_URL: url }, stop };
}

/**
 * Start what this run of the file is about: one Redis, or what a vitest project sets `TEST_REDIS` to: a 3-master `cluster`,
 * or a master that a `sentinel` watches. So one suite holds for all of them. Call it at the top level of the file.
 */
export function useStore(): TestStore {
  switch (process.env['TEST_REDIS']) {
    case 'cluster':
      return useCluster();
    case 'sentinel':
      return useSentinel();
    default:
      return useRedis();
  }
}
