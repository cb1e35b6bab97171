import { emitError } from './events.js';

const exitGraceMs = 3000;

/**
 * Runs a program until it is told to stop. On SIGINT or SIGTERM calls what `start` returned, then exits with 0;
 * closing may take {@link exitGraceMs}, not longer. A failed start prints an `error` line and exits with 1.
 */
export async function run(start: () => Promise<() => Promise<void>>): Promise<void> {
  try {
    const stop = await start();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void finish(0, stop));
  } catch (error) {
    emitError(error);
    process.exit(1);
  }
}

/** Closes what is open and ends the process with `code`, at the latest after {@link exitGraceMs}. */
export async function finish(code: number, stop: () => Promise<void>): Promise<never> {
  setTimeout(() => process.exit(code), exitGraceMs).unref();
  await stop().catch(emitError);
  process.exit(code);
}
