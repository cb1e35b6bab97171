import type { Apt } from './apt.js';
import { debFilesIn, dependenciesOf, installedPackages, unpack } from './deb-files.js';
import { missingLibraries } from './shared-libraries.js';

// A library may itself need one that the system lacks.
const MAX_ROUNDS = 5;

export interface LibraryRequest {
  readonly apt: Apt;
  /** Where package files lie, and further ones are downloaded to. */
  readonly debs: string;
  /** Where they are unpacked. */
  readonly root: string;
  readonly programs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (text: string) => void;
}

/**
 * Downloads and unpacks the library packages that the programs need and the system lacks. Returns what went wrong, or
 * undefined when nothing is missing any more.
 */
export async function addMissingLibraries(request: LibraryRequest): Promise<string | undefined> {
  const { apt, debs, root, env, onProgress } = request;
  const have = new Set(await installedPackages(env));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const missing = await missingLibraries(request, env);
    if (missing.length === 0) return undefined;
    const wanted = await libraryPackagesBeyond(have, debs, env);
    if (wanted.length === 0) return `no package found for ${missing.join(', ')}`;
    onProgress(`downloading the libraries it lacks: ${wanted.join(', ')}`);
    const before = new Set(await debFilesIn(debs));
    const downloaded = await apt.download(wanted, debs);
    if (!downloaded.ok) return `apt-get download ${wanted.join(' ')}: ${downloaded.reason}`;
    const added = (await debFilesIn(debs)).filter((file) => !before.has(file));
    const unpacked = await unpack(added, root, env);
    if (!unpacked.ok) return `dpkg -x: ${unpacked.reason}`;
    for (const name of wanted) have.add(name);
  }
  return `still missing after ${MAX_ROUNDS} rounds: ${(await missingLibraries(request, env)).join(', ')}`;
}

/** The libraries among the dependencies of the packages in `debs`, without those in `have`. */
async function libraryPackagesBeyond(
  have: ReadonlySet<string>,
  debs: string,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const files = await debFilesIn(debs);
  const names = (await Promise.all(files.map((file) => dependenciesOf(file, env)))).flat();
  // Never the C library: it must be the one that belongs to the system's loader.
  const libraries = names.filter((name) => /^(lib|lua-)/.test(name) && !name.startsWith('libc6'));
  return [...new Set(libraries)].filter((name) => !have.has(name));
}
