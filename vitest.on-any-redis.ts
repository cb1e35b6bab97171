import { defineConfig, type ViteUserConfig } from 'vitest/config';
import base from './vitest.config.js';

/** Suites that run on another kind of Redis too, named as their files are. */
export interface SuitesByRedis {
  /** Where keys lie on three masters, each client has several connections, and what is published is sharded. */
  readonly cluster: readonly string[];
  /** Where somebody else has to be asked for the master. */
  readonly sentinel: readonly string[];
}

/**
 * A package's tests on one Redis, and some of its suites on a 3-master Cluster and on a master that a Sentinel watches.
 * The suites are those that say what a service does whatever its Redis is (`useStore` of the test kit); the others take
 * their Redis away, or look inside it.
 */
export function onAnyRedis({ cluster, sentinel }: SuitesByRedis): ViteUserConfig {
  const { reporters, outputFile, maxWorkers } = base.test ?? {};
  const on = (kind: keyof SuitesByRedis, name: string, suites: readonly string[]) => ({
    test: {
      ...base.test,
      name,
      include: suites.map((suite) => `test/${suite}.test.ts`),
      env: { TEST_REDIS: kind },
    },
  });
  return defineConfig({
    test: {
      projects: [
        { test: { ...base.test, name: 'one Redis' } },
        on('cluster', 'a Redis Cluster', cluster),
        on('sentinel', 'a Redis with Sentinel', sentinel),
      ],
      ...(reporters && { reporters }),
      ...(outputFile && { outputFile }),
      ...(maxWorkers && { maxWorkers }),
    },
  });
}
