import { linkedAbort } from '../util/abort.js';

/** How to measure. */
export interface ProbeOptions {
  /** How often each region is asked, beside a first time that opens the connection. Default 5. */
  readonly samples?: number;
  /** A region that takes longer counts as out of reach, ms. Default 2000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

async function sampleMs(url: string, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  // Opaque answers will do: whoever answers need not allow other origins.
  const response = await fetch(url, { mode: 'no-cors', cache: 'no-store', signal });
  await response.arrayBuffer();
  return performance.now() - startedAt;
}

async function probe(
  url: string,
  { samples = 5, timeoutMs = 2_000, signal }: ProbeOptions,
): Promise<number | null> {
  const times: number[] = [];
  // The first one pays for DNS, TCP and TLS, and does not count.
  for (let i = 0; i <= samples; i += 1) {
    const abort = linkedAbort(signal);
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const ms = await sampleMs(url, abort.signal);
      if (i > 0) times.push(ms);
    } catch {
      if (signal?.aborted) throw signal.reason;
      if (i === 0) return null;
    } finally {
      clearTimeout(timer);
      abort.unlink();
    }
  }
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1];
  return median === undefined ? null : Math.round(median * 10) / 10;
}

/**
 * Measure how far away regions are: the median round trip of several small requests, all regions at once. The answer is
 * what `latencies` of {@link findMatch} and {@link createRoom} take.
 * @param urls for each region something small that answers there, for example its `/healthz`
 * @returns milliseconds; null for a region that cannot be reached
 * @throws the signal's reason when it is aborted, nothing else
 */
export async function probeRegions(
  urls: Readonly<Record<string, string>>,
  options: ProbeOptions = {},
): Promise<Record<string, number | null>> {
  const entries = Object.entries(urls).map(
    async ([region, url]) => [region, await probe(url, options)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
