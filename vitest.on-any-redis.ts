import { defineConfig, type ViteUserConfig } from 'vitest/config';
import base from './vitest.config.js';

/**
 * A package's tests on one Redis, and some of its suites on a 3-master Cluster as well.
 * @param suites those that say what a service does whatever its Redis is (`useStore` of the test kit); the others take
 *   their Redis away, or look inside it
 */
export function onAnyRedis(suites: readonly string[]): ViteUserConfig {
  const { reporters, outputFile, maxWorkers } = base.test ?? {};
  return defineConfig({
    test: {
      projects: [
        { test: { ...base.test, name: 'one Redis' } },
        {
          test: {
            ...base.test,
            name: 'a Redis Cluster',
            include: suites.map((suite) => `test/${suite}.test.ts`),
            env: { TEST_REDIS: 'cluster' },
          },
        },
      ],
      ...(reporters && { reporters }),
      ...(outputFile && { outputFile }),
      ...(maxWorkers && { maxWorkers }),
    },
  });
}
