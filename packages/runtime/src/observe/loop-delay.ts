import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How long work had to wait for this process's event loop, in milliseconds; null before the first sample. */
export interface LoopDelay {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** A sample every so often: 50 wake-ups a second, whatever the service does. */
const RESOLUTION_MS = 20;

/** What is told is of the last one to two of these: a stall of an hour ago says nothing of now. */
const WINDOW_MS = 10_000;

/** The histogram measures from one sample to the next, so that no delay at all reads as the resolution. */
function delayMs(histogram: IntervalHistogram, measuredNs: number): number | null {
  if (histogram.count === 0) return null;
  const measuredMs = measuredNs / 1e6;
  return Math.max(0, Math.round((measuredMs - RESOLUTION_MS) * 100) / 100);
}

function start(): () => LoopDelay {
  // Each begins anew every other window, so that the older of them has always seen at least one.
  let [older, newer] = [0, 1].map(() => monitorEventLoopDelay({ resolution: RESOLUTION_MS })) as [
    IntervalHistogram,
    IntervalHistogram,
  ];
  older.enable();
  newer.enable();
  setInterval(() => {
    older.reset();
    [older, newer] = [newer, older];
  }, WINDOW_MS).unref();
  return () => ({
    p50Ms: delayMs(older, older.percentile(50)),
    p99Ms: delayMs(older, older.percentile(99)),
    maxMs: delayMs(older, older.max),
  });
}

let read: (() => LoopDelay) | undefined;

/** Watch the one event loop of this process from now on; again and again it is the same watch. */
export function watchLoopDelay(): () => LoopDelay {
  return (read ??= start());
}
