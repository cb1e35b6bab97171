import type { HeartbeatAnswer } from '@parley/protocol';
import { backoffMs } from '../util/backoff.js';

/** What heartbeats need and tell. */
export interface HeartbeatParts {
  /** Longest time between two, ms. Default: a third of the time after which the host counts as dead. */
  readonly intervalMs?: number | undefined;
  send(signal: AbortSignal): Promise<HeartbeatAnswer>;
  accepted(answer: HeartbeatAnswer): void;
  /** The next one comes regardless. */
  failed(error: unknown): void;
}

/** As long as nobody said how long a host counts as alive. */
const INTERVAL_MS = 10_000;

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

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #next(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#abort.signal.aborted) this.#timer = setTimeout(() => void this.#beat(), ms);
  }

  async #beat(): Promise<void> {
    this.#isUnderWay = true;
    this.#isNews = false;
    try {
      const answer = await this.parts.send(this.#abort.signal);
      this.#failures = 0;
      if (this.#abort.signal.aborted) return;
      this.#intervalMs = this.parts.intervalMs ?? (answer.ttl * 1000) / 3;
      this.parts.accepted(answer);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failures += 1;
      this.parts.failed(error);
    } finally {
      this.#isUnderWay = false;
    }
    this.#next(this.#waitMs());
  }

  #waitMs(): number {
    if (this.#failures > 0) return 100 + backoffMs(this.#failures, { firstMs: 500, maxMs: this.#intervalMs });
    return this.#isNews ? NEWS_MS : this.#intervalMs * (0.8 + 0.2 * Math.random());
  }
}
