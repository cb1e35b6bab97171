import type { HeartbeatAnswer } from '@parley/protocol';
import { backoffMs } from '../util/backoff.js';

/** What heartbeats need and tell. */
export interface HeartbeatParts {
  /** Longest time between two, ms. Default: a third of the time after which the host counts as dead. */
  readonly intervalMs?: number | undefined;
  /** @param timeoutMs longest time that it may take */
  send(signal: AbortSignal, timeoutMs: number): Promise<HeartbeatAnswer>;
  accepted(answer: HeartbeatAnswer): void;
  /** The next one comes regardless. */
  failed(error: unknown): void;
}

/** As long as nobody said how long a host counts as alive. */
const INTERVAL_MS = 10_000;

/** Nobody counts as alive for so short a time, nor so long: not even a timer. */
const INTERVAL_MIN_MS = 100;
const INTERVAL_MAX_MS = 2 ** 31;

/** Shortest time for an answer. */
const TIMEOUT_MIN_MS = 1_000;

/** News that come together go together. */
const NEWS_MS = 50;

/** Tells again and again that a host lives: with some chance in it, so that hosts spread, and sooner after a failure. */
export class Heartbeats {
  readonly #abort = new AbortController();
  #intervalMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isUnderWay = false;
  #isNews = false;
  #waiting: { counts: number; readonly resolve: () => void }[] = [];

  constructor(private readonly parts: HeartbeatParts) {
    this.#intervalMs = parts.intervalMs ?? INTERVAL_MS;
    void this.#beat();
  }

  /** There is news that should not wait for the next interval. */
  soon(): void {
    this.#isNews = true;
    // After a failure the wait is for the matchmaker's sake.
    if (!this.#isUnderWay && this.#failures === 0) this.#next(NEWS_MS);
  }

  /** Send one soon. @returns when it was answered, or failed, or there are no more */
  next(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve();
    // One that is under way may have been answered before there was any news.
    const counts = this.#isUnderWay ? 2 : 1;
    this.soon();
    return new Promise((resolve) => this.#waiting.push({ counts, resolve }));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #next(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#abort.signal.aborted) this.#timer = setTimeout(() => void this.#beat(), ms);
  }

  async #beat(): Promise<void> {
    this.#isUnderWay = true;
    this.#isNews = false;
    try {
      // One that hangs must not cost the host its life.
      const timeoutMs = Math.min(INTERVAL_MS, Math.max(TIMEOUT_MIN_MS, this.#intervalMs));
      const answer = await this.parts.send(this.#abort.signal, timeoutMs);
      this.#failures = 0;
      if (this.#abort.signal.aborted) return;
      const ms = this.parts.intervalMs ?? (answer.ttl * 1000) / 3;
      this.#intervalMs = ms >= INTERVAL_MIN_MS && ms < INTERVAL_MAX_MS ? ms : INTERVAL_MS;
      this.parts.accepted(answer);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failures += 1;
      this.parts.failed(error);
    } finally {
      this.#isUnderWay = false;
      for (const each of this.#waiting) if ((each.counts -= 1) === 0) each.resolve();
      this.#waiting = this.#waiting.filter(({ counts }) => counts > 0);
    }
    this.#next(this.#waitMs());
  }

  #waitMs(): number {
    if (this.#failures > 0) return 100 + backoffMs(this.#failures, { firstMs: 500, maxMs: this.#intervalMs });
    return this.#isNews ? NEWS_MS : this.#intervalMs * (0.8 + 0.2 * Math.random());
  }
}
