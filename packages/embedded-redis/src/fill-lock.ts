import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './process-id.js';

const HEARTBEAT_MS = 1_000;
// A holder that was killed stops its heartbeat; ten missed beats are no busy machine any more.
const STALE_AFTER_MS = 10_000;
const BETWEEN_TRIES_MS = 100;

/**
 * Runs `work` while no other process (of this or another container that shares the folder) runs its own under the same
 * lock file. The lock saves double work and is not what correctness rests on: one that was left behind, or is held for
 * longer than `maxWaitMs`, is passed over.
 */
export async function withLock<T>(
  lockFile: string,
  options: { maxWaitMs: number; onWait: () => void },
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + options.maxWaitMs;
  for (let waited = false; !(await tryLock(lockFile)) && Date.now() < deadline; waited = true) {
    if (!waited) options.onWait();
    if (await isStale(lockFile)) await rm(lockFile, { force: true });
    else await delay(BETWEEN_TRIES_MS);
  }
  const heartbeat = setInterval(() => void beat(lockFile), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(lockFile, { force: true });
  }
}

async function tryLock(lockFile: string): Promise<boolean> {
  try {
    await writeFile(lockFile, `${hostname()} ${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(lockFile: string): Promise<boolean> {
  try {
    const silentMs = Date.now() - (await stat(lockFile)).mtimeMs;
    return silentMs > STALE_AFTER_MS || (await isHolderDead(lockFile));
  } catch {
    return false;
  }
}

/** A holder on this very machine is asked for directly, so that a killed first start does not delay the second. */
async function isHolderDead(lockFile: string): Promise<boolean> {
  const [host, pid] = (await readFile(lockFile, 'utf8').catch(() => '')).split(' ');
  return host === hostname() && pid !== undefined && !isAlive(Number(pid));
}

async function beat(lockFile: string): Promise<void> {
  const now = new Date();
  // Gone when another process took it for stale; that is harmless.
  await utimes(lockFile, now, now).catch(() => {});
}
