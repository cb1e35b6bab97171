import type { LimitTiming } from './timing.js';
import type { Grant, Limit } from './types.js';

/** What one key was granted while Redis was away: the rule of `limit-draw.lua`, for this instance alone. */
export class LocalGrants {
  readonly #buckets = new Map<number, number>();

  constructor(
    private readonly limit: Limit,
    private readonly timing: LimitTiming,
  ) {}

  /** All of the tokens wanted, or none. @param nowMs on this instance's clock */
  draw(want: number, nowMs: number): Grant {
    const { bucketMs, windowMs } = this.timing;
    const spanMs = windowMs + bucketMs;
    let used = 0;
    let oldestMs = nowMs;
    for (const [bucket, tokens] of this.#buckets) {
      if (bucket * bucketMs + spanMs <= nowMs) {
        this.#buckets.delete(bucket);
        continue;
      }
      used += tokens;
      oldestMs = Math.min(oldestMs, bucket * bucketMs);
    }
    const free = this.limit.limit - used;
    const tokens = want <= free ? want : 0;
    const bucket = Math.floor(nowMs / bucketMs);
    if (tokens > 0) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + tokens);
    return { tokens, remaining: free - tokens, resetMs: oldestMs + spanMs - nowMs };
  }
}
