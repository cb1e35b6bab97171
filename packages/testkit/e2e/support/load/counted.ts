/** A number that a member got, and when (performance.now()). */
export interface Heard {
  readonly n: number;
  readonly atMs: number;
}

/** How a member counts: loud enough to see a short silence, and quiet enough for two cores. */
export const EVERY_MS = 25;

/** What a member that counts says; servers pass it on as it is. */
export const countMessage = (n: number) => ({ type: 'control', action: 'count', payload: { n } });

/** The number in a message; undefined for any other message. */
export function countOf(message: Record<string, unknown>): number | undefined {
  if (message['type'] !== 'control' || message['action'] !== 'count') return undefined;
  return (message['payload'] as { n: number }).n;
}

/** Numbers from 1 to `sent` that are not among those heard, and where in those they would have been. */
export function missing(heard: readonly Heard[], sent: number): { n: number; before: number }[] {
  const gaps: { n: number; before: number }[] = [];
  let expected = 1;
  for (const [at, { n }] of [...heard, { n: sent + 1 }].entries()) {
    for (; expected < n; expected += 1) gaps.push({ n: expected, before: at });
    expected = Math.max(expected, n + 1);
  }
  return gaps;
}

/** Numbers that came a second time, or after a greater one (S3). */
export function misplaced(heard: readonly Heard[]): number[] {
  let last = 0;
  return heard.flatMap(({ n }) => {
    if (n <= last) return [n];
    last = n;
    return [];
  });
}

/** The longest time in which nothing was heard, from a moment on. */
export function longestSilenceMs(heard: readonly Heard[], sinceMs: number): number {
  const times = [sinceMs, ...heard.map(({ atMs }) => atMs).filter((atMs) => atMs > sinceMs)];
  return Math.max(0, ...times.slice(1).map((atMs, at) => atMs - (times[at] ?? atMs)));
}
