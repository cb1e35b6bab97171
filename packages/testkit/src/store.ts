import { useCluster } from './cluster.js';
import { useRedis } from './redis.js';

/** A Redis of some kind, for suites that only need to know how a service finds it. */
export interface TestStore {
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Start what this run of the file is about: one Redis, or a 3-master Cluster where a vitest project sets
 * `TEST_REDIS=cluster`, so that one suite holds for both. Call it at the top level of the file.
 */
export function useStore(): TestStore {
  return process.env['TEST_REDIS'] === 'cluster' ? useCluster() : useRedis();
}
