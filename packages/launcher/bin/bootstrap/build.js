import { Failure } from './failure.js';
import { root } from './root.js';
import { runCommand } from './run-command.js';

/** What each command runs, everything when it is not named here; turbo adds what these need. */
const RUNS = {
  start: ['./apps/*', '@parley/examples', '@parley/launcher'],
  simulate: ['./apps/*', '@parley/bench', '@parley/launcher'],
  verify: [],
};

/**
 * Builds what the command needs; what did not change comes from the cache.
 * @param {import('../../src/bootstrap.js').Progress} progress
 * @param {keyof typeof RUNS} command
 */
export async function build(progress, command) {
  const step = progress.step('build');
  const { ok, output } = await runCommand(
    'turbo',
    ['run', 'build', '--output-logs=new-only', ...RUNS[command].map((name) => `--filter=${name}`)],
    {
      cwd: root,
      env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
      onLine: step.note,
    },
  );
  if (!ok) {
    step.failed();
    throw new Failure(`The build failed:\n\n${output}`);
  }
  step.done();
}
