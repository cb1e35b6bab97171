import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runCommand } from './run-command.js';

const TIMEOUT_MS = 30_000;
const LIBRARY_FILE = /\.so(\.\d+)*$/;

/** The folders below `root` that hold shared libraries, relative to `root`. */
export async function libraryDirsIn(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const dirs = files
    .filter((file) => LIBRARY_FILE.test(file.name) && !file.isDirectory())
    .map((file) => relative(root, file.parentPath));
  return [...new Set(dirs)];
}

export interface LibraryNeeds {
  readonly programs: readonly string[];
  /** The folder that the programs' own libraries were unpacked into. */
  readonly root: string;
}

/** The shared libraries that the programs need and that neither the system nor `root` has, as the loader names them. */
export async function missingLibraries(
  { programs, root }: LibraryNeeds,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const dirs = (await libraryDirsIn(root)).map((dir) => join(root, dir));
  const loaderEnv = { ...env, LC_ALL: 'C', LD_LIBRARY_PATH: dirs.join(':') };
  const missing = new Set<string>();
  for (const program of programs) {
    const result = await runCommand('ldd', [program], { env: loaderEnv, timeoutMs: TIMEOUT_MS });
    if (!result.ok) continue;
    for (const [, library = ''] of result.stdout.matchAll(/^\s*(\S+) => not found/gm)) missing.add(library);
  }
  return [...missing];
}
