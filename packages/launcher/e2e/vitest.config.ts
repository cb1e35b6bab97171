import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    // The first start of a clean clone installs, builds and fetches a Redis.
    testTimeout: 120_000,
    hookTimeout: 900_000,
    maxWorkers: 1,
    reporters: ['default', 'json'],
    outputFile: { json: '.cache/e2e-results.json' },
  },
});
