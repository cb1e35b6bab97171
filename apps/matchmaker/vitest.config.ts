import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

/** Suites that say what the service does, whatever its Redis is; the others take their Redis away or look inside it. */
const ON_ANY_REDIS = ['api', 'concurrency', 'hosts', 'rooms', 'sessions', 'tokens'];

export default defineConfig({
  test: {
    projects: [
      { test: { ...base.test, name: 'one Redis' } },
      {
        test: {
          ...base.test,
          name: 'a Redis Cluster',
          include: ON_ANY_REDIS.map((suite) => `test/${suite}.test.ts`),
          env: { TEST_REDIS: 'cluster' },
        },
      },
    ],
    maxWorkers: base.test?.maxWorkers,
    reporters: base.test?.reporters,
    outputFile: base.test?.outputFile,
  },
});
