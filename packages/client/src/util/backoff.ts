/** How long to wait between tries. */
export interface Backoff {
  /** Upper bound of the first wait, ms; it doubles with each try. Default 250. */
  readonly firstMs?: number;
  /** Upper bound of all waits, ms. Default 15000. */
  readonly maxMs?: number;
}

/**
 * How long to wait before a try: exponential with full jitter, anywhere from nothing to the bound, so that clients which
 * failed together do not come back together.
 * @param failures how many failed in a row, from 1
 * @param random from [0, 1)
 */
export function backoffMs(
  failures: number,
  { firstMs = 250, maxMs = 15_000 }: Backoff = {},
  random = Math.random(),
): number {
  return random * Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
}
