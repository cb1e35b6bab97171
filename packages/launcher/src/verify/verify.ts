import type { Bootstrap } from '../bootstrap.js';
import { readCounts, removeReports } from './results.js';
import { verifySteps, type VerifyStep } from './steps.js';
import { summarize } from './summary.js';

/**
 * `npm test`, once everything is installed and built: runs every check and every test.
 * @returns the exit code: 0 only if all of it passed
 */
export async function verify(bootstrap: Bootstrap): Promise<number> {
  const { root, progress } = bootstrap;
  const startedAtMs = performance.now();
  removeReports(root);
  const failedSteps: VerifyStep[] = [];
  for (const step of verifySteps()) if (!(await runStep(step, bootstrap))) failedSteps.push(step);
  const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
  progress.line(summarize(failedSteps, readCounts(root), seconds));
  return failedSteps.length === 0 ? 0 : 1;
}

async function runStep(
  { name, command, args }: VerifyStep,
  { root, progress, runCommand }: Bootstrap,
): Promise<boolean> {
  const step = progress.step(name);
  const { ok, output } = await runCommand(command, args, {
    cwd: root,
    env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    // Empty lines come with turbo's prefix.
    onLine: (line) => line.endsWith(':') || step.note(line),
  });
  if (ok) step.done();
  else {
    step.failed();
    progress.line(`\n${output}\n`);
  }
  return ok;
}
