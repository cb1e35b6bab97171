import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `.cache/<name>` of the repository that this package lies in; outside of one, a folder in the user's own cache. */
export function defaultCacheDir(name = 'redis'): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) return join(homedir(), '.cache', 'parley', name);
    folder = parent;
  }
  return join(folder, '.cache', name);
}

/** A Linux distribution, as `/etc/os-release` names it; empty elsewhere. */
export interface Distribution {
  readonly id: string;
  readonly version: string;
  /** Whether Debian's tools and packages are at home here: Debian, Ubuntu, and what descends from them. */
  readonly isDebianLike: boolean;
}

export async function readDistribution(): Promise<Distribution> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const family = [field('ID'), ...field('ID_LIKE').split(' ')];
  const isDebianLike = family.includes('debian') || family.includes('ubuntu');
  return { id: field('ID'), version: field('VERSION_ID'), isDebianLike };
}

/**
 * The name of this system's entry in the cache folder, such as `linux-x64-debian-12`: a checkout that several systems
 * share (a container, a second machine) keeps one server for each.
 */
export async function systemName(): Promise<string> {
  const { id, version } = await readDistribution();
  const name = [process.platform, process.arch, id, version].filter((part) => part !== '').join('-');
  return name.replaceAll(/[^\w.-]/g, '_');
}
