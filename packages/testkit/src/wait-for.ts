import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;

/**
 * Wait until something holds, instead of sleeping and hoping.
 * @param holds asked every `pollMs`; what it throws counts as "not yet"
 * @param what for the error when it never holds
 * @returns the first truthy answer
 */
export async function waitFor<T>(
  holds: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
  pollMs = POLL_MS,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await holds();
      if (answer) return answer;
    } catch (error) {
      lastError = error;
    }
    await delay(pollMs);
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: lastError });
}
