import { existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const SERVERS = ['redis-server', 'valkey-server'];

/** `PATH` as it is on a machine without Redis: a folder that has one is replaced by links to all else that is in it. */
export function pathWithoutRedis(path: string): string {
  return path
    .split(delimiter)
    .map((folder) => (SERVERS.some((name) => existsSync(join(folder, name))) ? linksWithout(folder) : folder))
    .join(delimiter);
}

function linksWithout(folder: string): string {
  const links = mkdtempSync(join(tmpdir(), 'parley-path-'));
  for (const name of readdirSync(folder)) {
    if (!SERVERS.includes(name)) symlinkSync(join(folder, name), join(links, name));
  }
  return links;
}
