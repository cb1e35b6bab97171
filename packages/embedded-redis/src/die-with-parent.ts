import { findOnPath } from './on-path.js';
import { runCommand } from './run-command.js';

const CHECK_TIMEOUT_MS = 5_000;

/**
 * What goes before a command so that Linux kills it when the process that starts it dies, which covers even a SIGKILL
 * of that one. Nothing where `setpriv` (util-linux) is missing or does not run `check`, a harmless use of the command.
 */
export async function dieWithParent(check: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const setpriv = process.platform === 'linux' ? await findOnPath('setpriv', env) : undefined;
  if (setpriv === undefined) return [];
  const prefix = ['--pdeathsig', 'KILL'];
  const works = await runCommand(setpriv, [...prefix, ...check], { env, timeoutMs: CHECK_TIMEOUT_MS });
  return works.ok ? [setpriv, ...prefix] : [];
}
