import type { Counts } from './results.js';
import type { VerifyStep } from './steps.js';

/**
 * The end of `npm test`. Its last line is `N passed, N failed`: tests, and beside them each failed step that no failed
 * test accounts for (formatting, lint, types, a test run that broke before it could report).
 */
export function summarize(failedSteps: readonly VerifyStep[], counts: Counts, seconds: number): string {
  const checks = failedSteps.filter(({ hasTests }) => !hasTests).length;
  const brokenRuns = failedSteps.length > checks && counts.failed === 0 ? failedSteps.length - checks : 0;
  const failed = counts.failed + checks + brokenRuns;
  return [
    '',
    ...(failedSteps.length > 0 ? [`Failed: ${failedSteps.map(({ name }) => name).join(', ')}`] : []),
    ...counts.triedAgain.map((test) => `Passed when tried again: ${test}`),
    `${seconds} s${counts.skipped > 0 ? `, ${counts.skipped} tests skipped` : ''}`,
    `${counts.passed} passed, ${failed} failed`,
  ].join('\n');
}
