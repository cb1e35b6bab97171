import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.js';
import type { PartProcess } from './part-process.js';

const POLL_MS = 25;
const READY_TIMEOUT_MS = 30_000;

/**
 * Waits until a part is up.
 * @throws Failure when it ends before, or is not up within 30 s; with its last log lines
 */
export async function untilReady(process: PartProcess): Promise<void> {
  const over = new AbortController();
  const tooLate = delay(READY_TIMEOUT_MS, undefined, { signal: over.signal }).then(
    () => `was not ready within ${READY_TIMEOUT_MS / 1_000} s`,
    () => undefined,
  );
  const ended = process.exited.then((code) => `ended with exit code ${code}`);
  const { ready } = process.part;
  const up = ready === 'line' ? process.saidReady : answers(ready.probe, over.signal);
  try {
    const problem = await Promise.race([up.then(() => undefined), tooLate, ended]);
    if (problem !== undefined) throw new Failure(describeFailure(process, problem));
  } finally {
    over.abort();
  }
}

/** What to tell about a part that did not do what it should: which, how, its last lines, and where there are more. */
export function describeFailure({ part, lastLines, logFile }: PartProcess, problem: string): string {
  const lines = lastLines.length > 0 ? lastLines.map((line) => `  ${line}`).join('\n') : '  (nothing)';
  return `${part.name} ${problem}. The last that it said:\n${lines}\nMore in ${logFile}`;
}

async function answers(probe: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const status = await fetch(probe, { signal }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await delay(POLL_MS);
  }
}
