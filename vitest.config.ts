import { defineConfig } from 'vitest/config';

// One configuration for every package: each runs it with its own folder as root.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores in CI: the files wait more than they work, but many at once make every real socket slower.
    maxWorkers: 3,
    // One in thousands meets a machine that does something else at the wrong moment. In CI it is tried once more, and
    // the end of `npm test` names it and what it failed of.
    retry: process.env['CI'] ? 1 : 0,
    // `npm test` adds the reports up.
    reporters: ['default', 'json'],
    outputFile: { json: '.cache/test-results.json' },
  },
});
