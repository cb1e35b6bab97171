import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkServer, type RedisBinary } from './redis-binary.js';

/** What lies in an entry of the cache folder; all paths are relative to the entry, so it may be moved. */
export interface Manifest {
  readonly server: string;
  readonly cli?: string;
  readonly libraryDirs: readonly string[];
}

export type EntryResult = { ok: true; binary: RedisBinary } | { ok: false; reason: string };

export interface EntryCheck {
  readonly env: NodeJS.ProcessEnv;
  readonly minVersion: string;
}

const MANIFEST_FILE = 'entry.json';

/** Writes the manifest: the last step of filling an entry. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
}

/** The server in an entry, if the entry is complete and the server in it runs on this machine. */
export async function readEntry(folder: string, { env, minVersion }: EntryCheck): Promise<EntryResult> {
  if (!existsSync(folder)) return { ok: false, reason: `nothing in ${folder}` };
  const manifest = await readManifest(folder);
  if (manifest === undefined)
    return { ok: false, reason: `${folder} is incomplete: no valid ${MANIFEST_FILE}` };
  const missing = paths(manifest).filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0) return { ok: false, reason: `${folder} is incomplete: no ${missing.join(', ')}` };
  const serverPath = join(folder, manifest.server);
  const libraries = libraryEnv(folder, manifest, env);
  const check = await checkServer(serverPath, { ...env, ...libraries }, minVersion);
  if (!check.ok) return check;
  const cliPath = manifest.cli === undefined ? {} : { cliPath: join(folder, manifest.cli) };
  return {
    ok: true,
    binary: { serverPath, ...cliPath, env: libraries, version: check.version, source: 'cache' },
  };
}

/**
 * Moves a filled folder to its place in one step, so that nobody ever sees half an entry. What already lies there goes,
 * unless another process put it there in this very moment: then that one stays.
 */
export async function publishEntry(filled: string, place: string): Promise<void> {
  await discardEntry(place);
  // A temporary folder is its owner's alone; the cache is for whoever shares the checkout.
  await chmod(filled, 0o755);
  await rename(filled, place).catch(ignore('ENOTEMPTY', 'EEXIST'));
}

/** Takes an entry away in one step and then deletes it. */
async function discardEntry(place: string): Promise<void> {
  if (!existsSync(place)) return;
  const aside = await mkdtemp(`${place}.discarded-`);
  await rename(place, aside).catch(ignore('ENOENT'));
  await rm(aside, { recursive: true, force: true });
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8'));
    return isManifest(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(content: unknown): content is Manifest {
  if (typeof content !== 'object' || content === null) return false;
  const { server, cli = '', libraryDirs } = content as Record<string, unknown>;
  return typeof server === 'string' && typeof cli === 'string' && Array.isArray(libraryDirs);
}

function libraryEnv(folder: string, manifest: Manifest, env: NodeJS.ProcessEnv): Record<string, string> {
  if (manifest.libraryDirs.length === 0) return {};
  const dirs = manifest.libraryDirs.map((dir) => join(folder, dir));
  const inherited = env.LD_LIBRARY_PATH ? [env.LD_LIBRARY_PATH] : [];
  return { LD_LIBRARY_PATH: [...dirs, ...inherited].join(':') };
}

function paths(manifest: Manifest): string[] {
  return [manifest.server, ...(manifest.cli === undefined ? [] : [manifest.cli]), ...manifest.libraryDirs];
}

function ignore(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}
