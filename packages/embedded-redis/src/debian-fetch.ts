import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aptIn, type Apt, type Lists } from './apt.js';
import { readDistribution } from './cache-folder.js';
import { debFilesIn, unpack } from './deb-files.js';
import { addMissingLibraries } from './debian-libraries.js';
import { missingOnPath } from './on-path.js';
import { libraryDirsIn } from './shared-libraries.js';

const TOOLS = ['apt-get', 'dpkg', 'dpkg-deb', 'dpkg-query', 'ldd', 'tar'];
const UNPACKED = 'root';

/** Packages of the distribution, and what in them has to run. */
export interface DebianRequest {
  readonly packages: readonly string[];
  /** Where the packages keep the programs, for example `usr/bin/redis-server`. */
  readonly programs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Is told, in one line each, what is being done. */
  readonly onProgress: (text: string) => void;
}

export type DebianFetched =
  | {
      readonly ok: true;
      /** In the order of the request; relative to the folder. */
      readonly programs: readonly string[];
      /** The folders of the libraries that the system lacks, for `LD_LIBRARY_PATH`; relative to the folder. */
      readonly libraryDirs: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Downloads packages, with the libraries that the system lacks, and unpacks them into `folder` without installing
 * anything. Works for any user, on Debian and Ubuntu only.
 */
export async function fetchDebianPackages(folder: string, request: DebianRequest): Promise<DebianFetched> {
  const { isDebianLike } = await readDistribution();
  if (!isDebianLike) return { ok: false, reason: 'this is neither Debian nor Ubuntu' };
  const missing = await missingOnPath(TOOLS, request.env);
  if (missing.length > 0) return { ok: false, reason: `not on PATH: ${missing.join(', ')}` };
  request.onProgress(
    `downloading ${request.packages.join(', ')} from the distribution (nothing is installed)`,
  );
  const bySystemLists = await fetchWith('system', folder, request);
  if (bySystemLists.ok) return bySystemLists;
  // The system has no package lists, or old ones that name files which the mirror no longer has.
  request.onProgress('the system package lists do not serve; fetching fresh ones into the cache folder');
  const byOwnLists = await fetchWith('own', folder, request);
  if (byOwnLists.ok) return byOwnLists;
  return {
    ok: false,
    reason: `with the system package lists: ${bySystemLists.reason}\nwith fresh ones: ${byOwnLists.reason}`,
  };
}

async function fetchWith(lists: Lists, folder: string, request: DebianRequest): Promise<DebianFetched> {
  const debs = join(folder, 'debs');
  const root = join(folder, UNPACKED);
  const aptFolder = join(folder, 'apt');
  const apt = await aptIn(aptFolder, lists, request.env);
  await rm(root, { recursive: true, force: true });
  await mkdir(debs);
  try {
    // A failed update is no verdict: hooks of the system may fail after the lists have come. The download decides.
    const updated = lists === 'own' ? await apt.update() : undefined;
    const problem = await downloadAndUnpack(apt, { debs, root }, request);
    if (problem === undefined) return await describe(root, request);
    return {
      ok: false,
      reason: updated?.ok === false ? `apt-get update: ${updated.reason}\n${problem}` : problem,
    };
  } finally {
    await Promise.all(
      [debs, aptFolder].map((dir) => rm(dir, { recursive: true, force: true, maxRetries: 3 })),
    );
  }
}

/** What went wrong, or undefined. */
async function downloadAndUnpack(
  apt: Apt,
  { debs, root }: { debs: string; root: string },
  request: DebianRequest,
): Promise<string | undefined> {
  const { packages, env, onProgress } = request;
  const downloaded = await apt.download(packages, debs);
  if (!downloaded.ok) return `apt-get download ${packages.join(' ')}: ${downloaded.reason}`;
  const unpacked = await unpack(await debFilesIn(debs), root, env);
  if (!unpacked.ok) return `dpkg -x: ${unpacked.reason}`;
  const programs = request.programs.map((path) => join(root, path));
  return await addMissingLibraries({ apt, debs, root, programs, env, onProgress });
}

async function describe(root: string, { programs }: DebianRequest): Promise<DebianFetched> {
  const libraryDirs = (await libraryDirsIn(root)).map((dir) => join(UNPACKED, dir));
  return { ok: true, programs: programs.map((path) => join(UNPACKED, path)), libraryDirs };
}
