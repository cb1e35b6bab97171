import { defineConfig } from 'vitest/config';

// Against processes of its own, or against a deployment: see support/target.ts.
const base = {
  include: ['e2e/**/*.test.ts'],
  globalSetup: ['e2e/support/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: process.env['CI'] ? 1 : 0,
};

/** What a match and a room are, on processes that find their Redis in another way. */
const ON_ANY_REDIS = ['one-slot', 'rooms', 'webrtc'].map((suite) => `e2e/${suite}.test.ts`);

const on = (kind: 'cluster' | 'sentinel', name: string) => ({
  test: { ...base, name, include: ON_ANY_REDIS, env: { TEST_REDIS: kind } },
});

// A deployment has the Redis that it has.
const isDeployed = process.env['E2E_MATCHMAKER_URL'] !== undefined;

export default defineConfig({
  test: {
    projects: [
      { test: { ...base, name: 'one Redis', env: { TEST_REDIS: 'one' } } },
      ...(isDeployed ? [] : [on('cluster', 'a Redis Cluster'), on('sentinel', 'a Redis with Sentinel')]),
    ],
    maxWorkers: 2,
    reporters: ['default', 'json'],
    outputFile: { json: '.cache/e2e-results.json' },
  },
});
