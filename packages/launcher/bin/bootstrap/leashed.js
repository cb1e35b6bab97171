import { fork } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './root.js';

const LEASH = fileURLToPath(new URL('./leash.js', import.meta.url));

// The tools of the checkout, as npm scripts have them, and the Node that runs this: everything else is to run with it too.
const PATH = [join(root, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH].join(
  delimiter,
);

/**
 * Starts a command that ends with this process, also when that is killed. Its output comes through `stdout` and
 * `stderr`, its exit code as the returned process' own.
 * @type {import('../../src/bootstrap.js').Bootstrap['spawnLeashed']}
 */
export function spawnLeashed(command, args, { cwd, env, graceMs }) {
  return fork(LEASH, [String(graceMs), command, ...args], {
    cwd,
    env: { ...process.env, ...env, PATH },
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
