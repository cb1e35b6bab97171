import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FetchContext, Fetched, Fetcher } from './fetcher.js';
import { findOnPath, missingOnPath } from './on-path.js';
import { killNow } from './process-id.js';
import { TextTail } from './text-tail.js';

// Always the built file: the tests run these sources, but only Node runs this one.
const BUILDER = fileURLToPath(new URL('../dist/memory-server-build.js', import.meta.url));
const BUILD_TIMEOUT_MS = 15 * 60_000;
const STILL_AT_IT_MS = 15_000;
const COMPILERS = ['cc', 'gcc', 'clang'];

/** Redis' source, downloaded and compiled by the optional package redis-memory-server. */
export const memoryServer: Fetcher = {
  step: 'redis-memory-server (download and compile the source)',
  source: 'memory-server',
  async fetch(folder, context) {
    if (process.platform === 'win32')
      return { ok: false, reason: 'Redis has no Windows version; WSL runs it' };
    const missing = await missingBuildTools(context.env);
    if (missing.length > 0) return { ok: false, reason: `not on PATH: ${missing.join(', ')}` };
    context.onProgress('downloading the source of Redis and compiling it; this takes some minutes, once');
    return await build(folder, context);
  },
};

async function missingBuildTools(env: NodeJS.ProcessEnv): Promise<string[]> {
  const compilers = await Promise.all(COMPILERS.map((name) => findOnPath(name, env)));
  const hasCompiler = compilers.some((path) => path !== undefined);
  return [
    ...(await missingOnPath(['make'], env)),
    ...(hasCompiler ? [] : ['a C compiler (cc, gcc or clang)']),
  ];
}

async function build(folder: string, { env, onProgress }: FetchContext): Promise<Fetched> {
  const startedAt = Date.now();
  const child = fork(BUILDER, [folder], {
    // A process group of its own, so that make and the compilers end with it.
    detached: true,
    execArgv: [],
    env: buildEnv(env),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1000);
  const ticker = setInterval(() => onProgress(`still building Redis (${seconds()} s)`), STILL_AT_IT_MS);
  const timer = setTimeout(() => killGroup(child), BUILD_TIMEOUT_MS);
  try {
    return await resultOf(child, folder);
  } finally {
    clearInterval(ticker);
    clearTimeout(timer);
  }
}

/** redis-memory-server verifies TLS certificates only when npm's setting says so explicitly. */
function buildEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_TLS_REJECT_UNAUTHORIZED: _, ...rest } = env;
  return { MAKEFLAGS: `-j${availableParallelism()}`, ...rest, npm_config_strict_ssl: 'true' };
}

function resultOf(child: ChildProcess, folder: string): Promise<Fetched> {
  const output = new TextTail();
  let serverPath: string | undefined;
  child.stdout?.on('data', (chunk: Buffer) => output.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.add(chunk));
  child.on('message', (message) => (serverPath = message as string));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, reason: error.message }));
    child.on('close', (code, signal) => {
      if (serverPath !== undefined) {
        return resolve({ ok: true, manifest: { server: relative(folder, serverPath), libraryDirs: [] } });
      }
      resolve({
        ok: false,
        reason: `ended with ${signal ?? `code ${code}`}: ${output.text.trim().slice(-1_000)}`,
      });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  killNow(-child.pid);
}
