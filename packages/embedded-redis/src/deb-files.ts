import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, type RunResult } from './run-command.js';

const TIMEOUT_MS = 60_000;

/** The Debian package files in a folder, as absolute paths. */
export async function debFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
}

/** Unpacks package files into `root`; nothing is installed and no script of theirs runs. */
export async function unpack(
  debFiles: readonly string[],
  root: string,
  env: NodeJS.ProcessEnv,
): Promise<RunResult> {
  for (const file of debFiles) {
    const result = await runCommand('dpkg', ['-x', file, root], { env, timeoutMs: TIMEOUT_MS });
    if (!result.ok) return result;
  }
  return { ok: true, stdout: '' };
}

/** The names of the packages that a package file depends on; of alternatives the first. */
export async function dependenciesOf(debFile: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const result = await runCommand('dpkg-deb', ['--field', debFile, 'Depends'], {
    env,
    timeoutMs: TIMEOUT_MS,
  });
  if (!result.ok) return [];
  return result.stdout
    .split(',')
    .flatMap((dependency) => /^\s*([a-z0-9][a-z0-9.+-]*)/.exec(dependency)?.[1] ?? []);
}

/** The names of all packages that are installed on this system. */
export async function installedPackages(env: NodeJS.ProcessEnv): Promise<ReadonlySet<string>> {
  const format = '${Package} ${db:Status-Status}\n';
  const result = await runCommand('dpkg-query', ['--show', `--showformat=${format}`], {
    env,
    timeoutMs: TIMEOUT_MS,
  });
  if (!result.ok) return new Set();
  const lines = result.stdout.split('\n').filter((line) => line.endsWith(' installed'));
  return new Set(lines.map((line) => line.slice(0, line.indexOf(' '))));
}
