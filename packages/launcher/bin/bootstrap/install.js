import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.js';
import { manifestsHash } from './manifests.js';
import { findNpx } from './npx.js';
import { root } from './root.js';
import { runCommand } from './run-command.js';

const STAMP = join(root, 'node_modules', '.parley-installed');

// Left to itself, npm waits for 70 s before it says that there is no network.
const RETRIES = {
  npm_config_fetch_retries: '4',
  npm_config_fetch_retry_factor: '2',
  npm_config_fetch_retry_mintimeout: '1000',
};

/**
 * Installs the dependencies from the lock file, unless they are those of the last time.
 * @param {import('../../src/bootstrap.js').Progress} progress
 */
export async function install(progress) {
  const hash = manifestsHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  const step = progress.step('install');
  step.note('getting pnpm');
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
  const args = [
    findNpx(process.env),
    '-y',
    pnpm,
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
  ];
  const { ok, output } = await runCommand(process.execPath, args, {
    cwd: root,
    // pnpm asks before it replaces a node_modules folder, but there may be nobody to answer.
    env: { CI: 'true', npm_config_update_notifier: 'false', ...RETRIES },
    onLine: step.note,
  });
  if (!ok) {
    step.failed();
    throw new Failure(`Installing failed. What ${pnpm} said:\n\n${output}`);
  }
  writeFileSync(STAMP, hash);
  step.done();
}
