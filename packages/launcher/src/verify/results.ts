import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers of tests. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that passed only when they were tried again, each with what it failed of at first. */
  readonly triedAgain: readonly string[];
}

/** What we read of vitest's JSON report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { status: string; assertionResults: readonly Result[] }[];
}

interface Result {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages: readonly string[];
}

/** Where vitest's configurations put their reports, in each package. */
const REPORTS = ['test-results.json', 'e2e-results.json'].map((name) => join('.cache', name));

/** Forgets the results of an earlier run. */
export function removeReports(root: string): void {
  for (const file of reportFiles(root)) rmSync(file);
}

/** The sums over all reports. */
export function readCounts(root: string): Counts {
  const reports = reportFiles(root).map((file) => countsOf(JSON.parse(readFileSync(file, 'utf8')) as Report));
  const sum = (count: (each: Counts) => number): number =>
    reports.reduce((all, each) => all + count(each), 0);
  return {
    passed: sum((c) => c.passed),
    failed: sum((c) => c.failed),
    skipped: sum((c) => c.skipped),
    triedAgain: reports.flatMap((each) => each.triedAgain),
  };
}

/** The reports that are there, in every folder that may hold a package. */
function reportFiles(root: string): string[] {
  const parents = ['apps', 'packages', 'bench']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const below = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return [...parents, ...below, join(root, 'examples')]
    .flatMap((folder) => REPORTS.map((report) => join(folder, report)))
    .filter((file) => existsSync(file));
}

function countsOf(report: Report): Counts {
  // A file that fails as a whole (it does not load, its beforeAll throws) has no failed test to show for it.
  const failedFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + failedFiles,
    skipped: report.numPendingTests + report.numTodoTests,
    triedAgain: report.testResults.flatMap(({ assertionResults }) => assertionResults.flatMap(triedAgain)),
  };
}

function triedAgain({ status, fullName, failureMessages: [failure] }: Result): string[] {
  return status === 'passed' && failure !== undefined ? [`${fullName}: ${failure.split('\n', 1)[0]}`] : [];
}
