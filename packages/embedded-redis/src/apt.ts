import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dieWithParent } from './die-with-parent.js';
import { runCommand, type RunResult } from './run-command.js';

const UPDATE_TIMEOUT_MS = 180_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;

/** Whose package lists apt reads: the system's own, or a copy that is fetched into a folder. */
export type Lists = 'system' | 'own';

/** apt-get, kept from writing anywhere but `folder`; nothing in it needs root. */
export interface Apt {
  /** Fetches the package lists of the system's configured sources; only for lists of one's own. */
  update(): Promise<RunResult>;
  /** Downloads packages as files into `into`, without installing them. */
  download(packages: readonly string[], into: string): Promise<RunResult>;
}

export async function aptIn(folder: string, lists: Lists, env: NodeJS.ProcessEnv): Promise<Apt> {
  const dirs = {
    cache: join(folder, 'cache'),
    archives: join(folder, 'archives'),
    lists: join(folder, 'lists'),
  };
  for (const dir of Object.values(dirs)) await mkdir(join(dir, 'partial'), { recursive: true });
  const settings: Record<string, string> = {
    'Dir::Cache': dirs.cache,
    'Dir::Cache::archives': dirs.archives,
    ...(lists === 'own' ? { 'Dir::State::lists': dirs.lists } : {}),
    // Of each source only what `download` reads: no translations, no desktop metadata; compressed as it came.
    'Acquire::Languages': 'none',
    'Acquire::GzipIndexes': 'true',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
    'Acquire::Retries': '2',
    // As root, apt downloads as the user `_apt`, which cannot enter a folder below /root or a private checkout.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  };
  const options = ['-q', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  // A download from a mirror that does not answer would go on for minutes after the start that wanted it was killed.
  const command = [...(await dieWithParent(['apt-get', '--version'], env)), 'apt-get', ...options];
  const run = (args: string[], timeoutMs: number, cwd: string): Promise<RunResult> => {
    const [program = '', ...rest] = [...command, ...args];
    return runCommand(program, rest, { env: { ...env, LC_ALL: 'C' }, timeoutMs, cwd });
  };
  return {
    update: () => run(['update'], UPDATE_TIMEOUT_MS, folder),
    download: (packages, into) => run(['download', ...packages], DOWNLOAD_TIMEOUT_MS, into),
  };
}
