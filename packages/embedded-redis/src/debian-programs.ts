import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { defaultCacheDir, systemName } from './cache-folder.js';
import { fetchDebianPackages, type DebianFetched } from './debian-fetch.js';
import { withLock } from './fill-lock.js';
import { findOnPath } from './on-path.js';

const MAX_WAIT_MS = 5 * 60_000;
const MANIFEST_FILE = 'programs.json';

/** Programs other than Redis that a test wants to run for real, and the packages they come in. */
export interface ProgramsRequest {
  /** Names the cache folder, for example `coturn`. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Where the packages keep them, for example `usr/bin/turnserver`. */
  readonly programs: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (text: string) => void;
}

export type FoundPrograms =
  | {
      readonly ok: true;
      /** Absolute, in the order of the request. */
      readonly paths: readonly string[];
      /** Variables that they need on top of the environment. */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Finds programs on PATH or in `.cache/<name>`, or (Debian, Ubuntu) downloads their packages there without installing
 * anything. A failure is a value: the caller skips what it wanted them for, and says why.
 */
export async function findDebianPrograms(request: ProgramsRequest): Promise<FoundPrograms> {
  const env = request.env ?? process.env;
  const onPath = await Promise.all(request.programs.map((path) => findOnPath(basename(path), env)));
  const paths = onPath.filter((path) => path !== undefined);
  if (paths.length === onPath.length) return { ok: true, paths, env: {} };
  const place = join(defaultCacheDir(request.name), await systemName());
  const cached = await readPlace(place);
  if (cached.ok) return cached;
  await mkdir(dirname(place), { recursive: true });
  return await withLock(`${place}.lock`, { maxWaitMs: MAX_WAIT_MS, onWait: () => {} }, async () => {
    const filledMeanwhile = await readPlace(place);
    return filledMeanwhile.ok ? filledMeanwhile : await fill(place, request, env);
  });
}

/** Fetches into a folder aside, which becomes the place in one step. */
async function fill(place: string, request: ProgramsRequest, env: NodeJS.ProcessEnv): Promise<FoundPrograms> {
  const { packages, programs, onProgress = () => {} } = request;
  const aside = await mkdtemp(`${place}.filling-`);
  try {
    const fetched = await fetchDebianPackages(aside, { packages, programs, env, onProgress });
    if (!fetched.ok) return fetched;
    await writeFile(join(aside, MANIFEST_FILE), JSON.stringify(fetched));
    await chmod(aside, 0o755);
    await rm(place, { recursive: true, force: true });
    await rename(aside, place);
    return await readPlace(place);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function readPlace(place: string): Promise<FoundPrograms> {
  const text = await readFile(join(place, MANIFEST_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return { ok: false, reason: `nothing in ${place}` };
  const { programs, libraryDirs } = JSON.parse(text) as Extract<DebianFetched, { ok: true }>;
  const paths = programs.map((path) => join(place, path));
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0) return { ok: false, reason: `${place} is incomplete: no ${missing.join(', ')}` };
  const libraries = libraryDirs.map((dir) => join(place, dir)).join(':');
  return { ok: true, paths, env: libraries === '' ? {} : { LD_LIBRARY_PATH: libraries } };
}
