import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readCounts, removeReports } from '../src/verify/results.js';
import { summarize } from '../src/verify/summary.js';

const root = mkdtempSync(join(tmpdir(), 'parley-verify-'));

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  for (const folder of ['apps/a', 'packages/b']) mkdirSync(join(root, folder), { recursive: true });
  // Not every name below is a folder.
  writeFileSync(join(root, 'packages', '.gitignore'), '');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function report(path: string, passed: number, failed: number, testResults: object[] = []): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  const numbers = { numPassedTests: passed, numFailedTests: failed, numPendingTests: 1, numTodoTests: 0 };
  writeFileSync(file, JSON.stringify({ ...numbers, testResults }));
}

describe('the numbers of npm test', () => {
  it('are the sums over all packages, end-to-end tests included', () => {
    report('apps/a/.cache/test-results.json', 10, 0);
    report('packages/b/.cache/test-results.json', 5, 2);
    report('packages/b/.cache/e2e-results.json', 3, 0);
    expect(readCounts(root)).toEqual({ passed: 18, failed: 2, skipped: 3, triedAgain: [] });
  });

  it('count a file that failed before any of its tests could', () => {
    report('apps/a/.cache/test-results.json', 1, 0, [{ status: 'failed', assertionResults: [] }]);
    expect(readCounts(root)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('name the tests that passed only when they were tried again', () => {
    const result = (fullName: string, status: string, ...failureMessages: string[]) => ({
      fullName,
      status,
      failureMessages,
    });
    const assertionResults = [
      result('a calm test', 'passed'),
      result('a test of luck', 'passed', 'Error: too late\n    at somewhere'),
      result('a broken test', 'failed', 'Error: broken', 'Error: broken'),
    ];
    report('apps/a/.cache/test-results.json', 2, 1, [{ status: 'failed', assertionResults }]);
    const counts = readCounts(root);
    expect(counts.triedAgain).toEqual(['a test of luck: Error: too late']);
    expect(summarize([], counts, 1)).toContain('Passed when tried again: a test of luck: Error: too late\n');
  });

  it('are not those of an earlier run', () => {
    report('apps/a/.cache/test-results.json', 10, 0);
    removeReports(root);
    expect(readCounts(root)).toEqual({ passed: 0, failed: 0, skipped: 0, triedAgain: [] });
  });
});

describe('the last line', () => {
  const lint = { name: 'lint', command: '', args: [] };
  const tests = { name: 'tests', command: '', args: [], hasTests: true } as const;
  const lastLine = (...args: Parameters<typeof summarize>): string =>
    summarize(...args)
      .split('\n')
      .at(-1) ?? '';

  it('says what passed and what failed', () => {
    expect(lastLine([], { passed: 18, failed: 0, skipped: 0, triedAgain: [] }, 1)).toBe(
      '18 passed, 0 failed',
    );
    expect(lastLine([tests], { passed: 18, failed: 2, skipped: 0, triedAgain: [] }, 1)).toBe(
      '18 passed, 2 failed',
    );
  });

  it('never says 0 failed when a step failed', () => {
    expect(lastLine([lint], { passed: 18, failed: 0, skipped: 0, triedAgain: [] }, 1)).toBe(
      '18 passed, 1 failed',
    );
    expect(lastLine([tests], { passed: 18, failed: 0, skipped: 0, triedAgain: [] }, 1)).toBe(
      '18 passed, 1 failed',
    );
    expect(lastLine([lint, tests], { passed: 18, failed: 2, skipped: 0, triedAgain: [] }, 1)).toBe(
      '18 passed, 3 failed',
    );
  });
});
