/** What came of one attempt: it was served, it was refused since Redis cannot be asked, or something else happened. */
export type Outcome = 'served' | 'refused' | `unexpected: ${string}`;

interface Attempt {
  readonly atMs: number;
  readonly tookMs: number;
  readonly outcome: Outcome;
}

/** The same thing tried again and again. */
export class Attempts {
  readonly #made: Attempt[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /** Begin, and go on until `stop`; an attempt does not wait for the one before. */
  constructor(everyMs: number, attempt: (nth: number) => Promise<Outcome>) {
    let nth = 0;
    this.#timer = setInterval(() => {
      const done = this.#make(() => attempt(nth++)).finally(() => this.#underWay.delete(done));
      this.#underWay.add(done);
    }, everyMs);
  }

  async #make(attempt: () => Promise<Outcome>): Promise<void> {
    const atMs = performance.now();
    const outcome = await attempt().catch((error: unknown): Outcome => `unexpected: ${String(error)}`);
    this.#made.push({ atMs, tookMs: performance.now() - atMs, outcome });
  }

  /** No more attempts; resolves when all are answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  /** Whether all of the last `ms` were served, and there were some. */
  areServedFor(ms: number): boolean {
    const since = performance.now() - ms;
    const last = this.#made.filter(({ atMs }) => atMs >= since);
    return last.length > 0 && last.every(({ outcome }) => outcome === 'served');
  }

  get unexpected(): Outcome[] {
    return this.#outcomes.filter((outcome) => outcome !== 'served' && outcome !== 'refused');
  }

  get refused(): number {
    return this.#outcomes.filter((outcome) => outcome === 'refused').length;
  }

  /** From the first that was refused to the first after the last one that was. */
  get refusedForMs(): number {
    const times = this.#made.filter(({ outcome }) => outcome === 'refused').map(({ atMs }) => atMs);
    if (times.length === 0) return 0;
    const last = Math.max(...times);
    const next = this.#made.map(({ atMs }) => atMs).filter((atMs) => atMs > last);
    return Math.min(...next, performance.now()) - Math.min(...times);
  }

  /** The longest that anybody waited for an answer. */
  get slowestMs(): number {
    return Math.max(0, ...this.#made.map(({ tookMs }) => tookMs));
  }

  /** The median of how long those that were refused waited. */
  get refusalMs(): number {
    const times = this.#made.filter(({ outcome }) => outcome === 'refused').map(({ tookMs }) => tookMs);
    return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  }

  get #outcomes(): Outcome[] {
    return this.#made.map(({ outcome }) => outcome);
  }
}
