import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;
// Longer than any install takes. A process id may belong to another process by then, most of all in a container.
const STALE_MS = 15 * 60_000;

/**
 * Does something while no other process does it, in the same checkout. A lock whose holder is gone is taken over.
 * @param {string} file
 * @param {import('../../src/bootstrap.js').Progress} progress
 * @param {() => Promise<void>} work
 */
export async function withLock(file, progress, work) {
  mkdirSync(dirname(file), { recursive: true });
  let step;
  while (!take(file)) {
    step ??= progress.step('wait for another start');
    await delay(POLL_MS);
  }
  step?.done();
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  const own = `${file}.${process.pid}`;
  // The lock appears with its holder in it: a link to a file that is complete.
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch {
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(own);
  }
}

/** @param {string} file */
function isHeld(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === process.pid || Date.now() - statSync(file).mtimeMs > STALE_MS) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
