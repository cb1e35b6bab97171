import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** The absolute path of the first executable called `name` on `env.PATH`, or undefined. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const candidate = resolve(folder, name);
    if (await isExecutableFile(candidate)) return candidate;
  }
  return undefined;
}

/** Those of `names` that are not on `env.PATH`. */
export async function missingOnPath(names: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const found = await Promise.all(names.map((name) => findOnPath(name, env)));
  return names.filter((_, index) => found[index] === undefined);
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
