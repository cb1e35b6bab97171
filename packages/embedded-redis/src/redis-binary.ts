import { runCommand } from './run-command.js';

/** Where a server came from; `cache` is the cache folder as an earlier start filled it. */
export type BinarySource = 'path' | 'cache' | 'debian' | 'memory-server';

/** A Redis (or Valkey) server program that was seen to run on this machine. */
export interface RedisBinary {
  /** Absolute path of the server. The same program runs as a Sentinel with the argument `--sentinel`. */
  readonly serverPath: string;
  /** Absolute path of redis-cli (or valkey-cli); absent when it did not come with the server. */
  readonly cliPath?: string;
  /** Variables that both programs need on top of the environment (`LD_LIBRARY_PATH` for an unpacked package). */
  readonly env: Readonly<Record<string, string>>;
  /** For example `7.0.15`. */
  readonly version: string;
  readonly source: BinarySource;
}

/** The oldest server whose commands our scripts use. */
export const DEFAULT_MIN_VERSION = '6.2.0';

const VERSION_TIMEOUT_MS = 10_000;

export type VersionCheck = { ok: true; version: string } | { ok: false; reason: string };

/**
 * Runs `serverPath --version`: the proof that the file is complete, was built for this machine, finds its libraries
 * and is at least `minVersion`.
 */
export async function checkServer(
  serverPath: string,
  env: NodeJS.ProcessEnv,
  minVersion: string,
): Promise<VersionCheck> {
  const result = await runCommand(serverPath, ['--version'], { env, timeoutMs: VERSION_TIMEOUT_MS });
  if (!result.ok) return { ok: false, reason: `${serverPath} does not run: ${result.reason}` };
  const version = /\bv=(\d+\.\d+\.\d+)/.exec(result.stdout)?.[1];
  if (version === undefined) return { ok: false, reason: `${serverPath} --version printed no version` };
  if (isOlder(version, minVersion)) {
    return { ok: false, reason: `${serverPath} is version ${version}, older than ${minVersion}` };
  }
  return { ok: true, version };
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
