import type { LimitTiming } from './timing.js';
import type { Grant, Limit } from './types.js';

/**
 * What this instance was granted of one key, with Redis and without: the rule of `limit-draw.lua` for this instance
 * alone, so that it holds the limit by itself when Redis goes away, while it is away, and when it is back.
 */
export class LocalGrants {
  readonly #buckets = new Map<number, number>();
  #alone = 0;

  constructor(
    private readonly limit: Limit,
    private readonly timing: LimitTiming,
  ) {}

  /** Whether all that it knows is over. @param nowMs on this instance's clock, as everywhere here */
  isOver(nowMs: number): boolean {
    this.#used(nowMs);
    return this.#buckets.size === 0;
  }

  /**
   * Redis granted tokens, or took some back (less than 0).
   * @param lastUseMs until when they may be used
   */
  note(tokens: number, lastUseMs: number): void {
    if (tokens === 0) return;
    const bucket = Math.floor(lastUseMs / this.timing.bucketMs);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + tokens);
  }

  /** Without Redis: all of the tokens wanted, or none. */
  draw(want: number, nowMs: number): Grant {
    const { used, oldestMs } = this.#used(nowMs);
    const free = Math.max(0, this.limit.limit - used);
    const tokens = want <= free ? want : 0;
    this.note(tokens, nowMs);
    this.#alone += tokens;
    return { tokens, remaining: free - tokens, resetMs: oldestMs + this.#spanMs - nowMs };
  }

  /** Tokens of the last window that were used without Redis, which it is about to be told. */
  takeAlone(nowMs: number): number {
    if (this.#alone === 0) return 0;
    const alone = Math.min(this.#alone, this.#used(nowMs).used);
    this.#alone = 0;
    return alone;
  }

  /** Redis could not be told of these. */
  keepAlone(tokens: number): void {
    this.#alone += tokens;
  }

  get #spanMs(): number {
    return this.timing.windowMs + this.timing.bucketMs;
  }

  #used(nowMs: number): { used: number; oldestMs: number } {
    let used = 0;
    let oldestMs = nowMs;
    for (const [bucket, tokens] of this.#buckets) {
      const startMs = bucket * this.timing.bucketMs;
      if (startMs + this.#spanMs <= nowMs) {
        this.#buckets.delete(bucket);
        continue;
      }
      used += tokens;
      oldestMs = Math.min(oldestMs, startMs);
    }
    return { used, oldestMs };
  }
}
