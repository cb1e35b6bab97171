import { join } from 'node:path';
import { readEntry } from './cache-entry.js';
import { defaultCacheDir, systemName } from './cache-folder.js';
import { debianPackage } from './debian-package.js';
import { type FailedAttempt, RedisUnavailableError } from './errors.js';
import { fillCache } from './fill-cache.js';
import { memoryServer } from './memory-server.js';
import { findServerOnPath } from './path-server.js';
import { DEFAULT_MIN_VERSION, type RedisBinary } from './redis-binary.js';

export interface FindOptions {
  /** Where fetched servers are kept; by default `.cache/redis` at the root of the repository. */
  readonly cacheDir?: string;
  /** The environment to look in and to run programs with; by default this process'. */
  readonly env?: NodeJS.ProcessEnv;
  /** Is told, in one line each, what is being done. */
  readonly onProgress?: (text: string) => void;
  /** The oldest version that will do, by default 6.2.0. */
  readonly minVersion?: string;
  /** Whether the source may be downloaded and compiled where there is no other way; by default true. */
  readonly allowBuild?: boolean;
}

/**
 * Finds a Redis server, or fetches one. In this order: redis-server or valkey-server on PATH; the cache folder; on
 * Debian and Ubuntu the distribution's package, downloaded without installing it; the source, compiled by the
 * redis-memory-server package. What is fetched is kept in the cache folder.
 *
 * @throws RedisUnavailableError when none of these gives a server that runs here.
 */
export async function findRedisServer(options: FindOptions = {}): Promise<RedisBinary> {
  const { env = process.env, onProgress = () => {}, minVersion = DEFAULT_MIN_VERSION } = options;
  const context = { env, onProgress, minVersion };
  const place = join(options.cacheDir ?? defaultCacheDir(), await systemName());
  const attempts: FailedAttempt[] = [];
  for (const { step, look } of [
    { step: 'PATH', look: () => findServerOnPath(context) },
    { step: 'cache folder', look: () => readEntry(place, context) },
  ]) {
    const found = await look();
    if (found.ok) return announce(found.binary, onProgress);
    onProgress(`looking for Redis: ${step}: ${found.reason}`);
    attempts.push({ step, reason: found.reason });
  }
  const fetchers = options.allowBuild === false ? [debianPackage] : [debianPackage, memoryServer];
  const filled = await fillCache(place, fetchers, context);
  if (filled.ok) return announce(filled.binary, onProgress);
  throw new RedisUnavailableError([...attempts, ...filled.attempts], minVersion);
}

function announce(binary: RedisBinary, onProgress: (text: string) => void): RedisBinary {
  onProgress(`Redis ${binary.version} from ${binary.source}: ${binary.serverPath}`);
  return binary;
}
