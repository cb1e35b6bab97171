import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publishEntry, readEntry, writeManifest, type EntryResult } from './cache-entry.js';
import type { FailedAttempt } from './errors.js';
import type { FetchContext, Fetcher } from './fetcher.js';
import { withLock } from './fill-lock.js';
import { isAlive } from './process-id.js';
import type { RedisBinary } from './redis-binary.js';

const MAX_WAIT_MS = 20 * 60_000;

export type FillResult = { ok: true; binary: RedisBinary } | { ok: false; attempts: FailedAttempt[] };

/**
 * Fills the cache entry at `place` by the first of `fetchers` that can. Several processes may do so at once: one fetches
 * and the others take what it got. Each works in a folder of its own that becomes the entry in one step.
 */
export async function fillCache(
  place: string,
  fetchers: readonly Fetcher[],
  context: FetchContext,
): Promise<FillResult> {
  try {
    await mkdir(dirname(place), { recursive: true });
    const onWait = (): void => context.onProgress('another process is fetching Redis; waiting for it');
    return await withLock(`${place}.lock`, { maxWaitMs: MAX_WAIT_MS, onWait }, async () => {
      const filledMeanwhile = await readEntry(place, context);
      if (filledMeanwhile.ok) return filledMeanwhile;
      await removeLeftovers(place);
      return await fetchByFirst(place, fetchers, context);
    });
  } catch (error) {
    const reason = `${dirname(place)} cannot be filled: ${(error as Error).message}`;
    return { ok: false, attempts: [{ step: 'cache folder', reason }] };
  }
}

async function fetchByFirst(
  place: string,
  fetchers: readonly Fetcher[],
  context: FetchContext,
): Promise<FillResult> {
  const attempts: FailedAttempt[] = [];
  for (const fetcher of fetchers) {
    const result = await fetchInto(place, fetcher, context);
    if (result.ok) return { ok: true, binary: { ...result.binary, source: fetcher.source } };
    context.onProgress(`${fetcher.step}: ${result.reason}`);
    attempts.push({ step: fetcher.step, reason: result.reason });
  }
  return { ok: false, attempts };
}

async function fetchInto(place: string, fetcher: Fetcher, context: FetchContext): Promise<EntryResult> {
  const folder = await mkdtemp(fillingPrefix(place, process.pid));
  try {
    const fetched = await fetcher.fetch(folder, context);
    if (!fetched.ok) return fetched;
    await writeManifest(folder, fetched.manifest);
    const filled = await readEntry(folder, context);
    if (!filled.ok) return filled;
    // Two may fetch at once after all (see withLock): the later one uses what is there.
    const published = await readEntry(place, context);
    if (published.ok) return published;
    await publishEntry(folder, place);
    return await readEntry(place, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fillingPrefix(place: string, pid: number): string {
  return `${place}.filling-${pid}-`;
}

/** Deletes what processes that were killed while filling have left behind. */
async function removeLeftovers(place: string): Promise<void> {
  for (const name of await readdir(dirname(place))) {
    const pid = Number(/\.filling-(\d+)-/.exec(name)?.[1]);
    const path = join(dirname(place), name);
    if (!path.startsWith(fillingPrefix(place, pid)) || isAlive(pid)) continue;
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
