import { defineConfig } from 'vitest/config';

// Against processes of its own, or against a deployment: see support/target.ts.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    globalSetup: ['e2e/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default', 'json'],
    outputFile: { json: '.cache/e2e-results.json' },
  },
});
