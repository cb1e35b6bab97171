/** How late a count may be. */
const FLUSH_MS = 100;

/** Counts what happens too often for a metric to be touched each time. */
export class Tally {
  #count = 0;

  constructor(private readonly counter: { inc(by: number): void }) {}

  inc(): void {
    if ((this.#count += 1) > 1) return;
    setTimeout(() => {
      this.counter.inc(this.#count);
      this.#count = 0;
    }, FLUSH_MS).unref();
  }
}

/** One in so many is measured. */
const SAMPLED = 64;

/** Measures the time of something that happens too often to measure each. */
export class Sampler {
  #count = 0;

  constructor(private readonly histogram: { observe(seconds: number): void }) {}

  /** What to call at the end, if this one is measured. */
  sample(): (() => void) | undefined {
    this.#count = (this.#count + 1) % SAMPLED;
    if (this.#count !== 1) return undefined;
    const startedAt = performance.now();
    return () => this.histogram.observe((performance.now() - startedAt) / 1_000);
  }
}
