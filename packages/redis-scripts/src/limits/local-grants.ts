import type { LimitTiming } from './timing.js';
import type { AloneUse, Grant, Limit } from './types.js';

/**
 * What this instance was granted of one key, with Redis and without: the rule of `limit-draw.lua` for this instance
 * alone, so that it holds the limit by itself when Redis goes away, while it is away, and when it is back.
 */
export class LocalGrants {
  /** Number of a bucket and its tokens, by turns: there are as many of these as active rooms, and few in each. */
  #buckets: number[] = [];
  /** Those of them that Redis did not grant, and how many of these it knows of. */
  #alone: Map<number, number> | undefined;
  #told: Map<number, number> | undefined;
  #usedAlone = 0;

  constructor(
    private readonly limit: Limit,
    private readonly timing: LimitTiming,
  ) {}

  /** How many were ever used without Redis. */
  get usedAlone(): number {
    return this.#usedAlone;
  }

  /** Whether all that it knows is over. @param nowMs on this instance's clock, as everywhere here */
  isOver(nowMs: number): boolean {
    this.#used(nowMs);
    return this.#buckets.length === 0;
  }

  /** What this instance may still use within the window, as far as it is up to this instance. */
  free(nowMs: number): number {
    return Math.max(0, this.limit.limit - this.#used(nowMs).used);
  }

  /**
   * Redis granted tokens, or took some back (less than 0).
   * @param lastUseMs until when they may be used
   */
  note(tokens: number, lastUseMs: number): void {
    if (tokens !== 0) this.#add(this.#bucketAt(lastUseMs), tokens);
  }

  /** Without Redis: all of the tokens wanted, or none. */
  draw(want: number, nowMs: number): Grant {
    const { used, oldestMs } = this.#used(nowMs);
    const free = Math.max(0, this.limit.limit - used);
    const tokens = want <= free ? want : 0;
    if (tokens > 0) {
      this.note(tokens, nowMs);
      add((this.#alone ??= new Map()), this.#bucketAt(nowMs), tokens);
      this.#usedAlone += tokens;
    }
    return { tokens, remaining: free - tokens, resetMs: oldestMs + this.#spanMs - nowMs };
  }

  /** What was used without Redis within the last window, and Redis may not know of. */
  untold(nowMs: number): AloneUse[] {
    if (!this.#alone) return [];
    this.#used(nowMs);
    const { bucketMs } = this.timing;
    return [...this.#alone]
      .filter(([bucket, tokens]) => this.#told?.get(bucket) !== tokens)
      .map(([bucket, tokens]) => {
        const agoMs = Math.max(0, Math.floor(nowMs - (bucket + 1) * bucketMs));
        return { bucket, agoMs, tokens };
      });
  }

  /** Redis knows of these. */
  told(uses: readonly AloneUse[]): void {
    for (const { bucket, tokens } of uses) {
      if (this.#alone?.has(bucket)) (this.#told ??= new Map()).set(bucket, tokens);
    }
  }

  get #spanMs(): number {
    return this.timing.windowMs + this.timing.bucketMs;
  }

  #bucketAt(timeMs: number): number {
    return Math.floor(timeMs / this.timing.bucketMs);
  }

  #add(bucket: number, tokens: number): void {
    for (let i = 0; i < this.#buckets.length; i += 2) {
      if (this.#buckets[i] !== bucket) continue;
      this.#buckets[i + 1] = (this.#buckets[i + 1] ?? 0) + tokens;
      return;
    }
    this.#buckets = [...this.#buckets, bucket, tokens];
  }

  #used(nowMs: number): { used: number; oldestMs: number } {
    let used = 0;
    let oldestMs = nowMs;
    for (let i = 0; i < this.#buckets.length;) {
      const [bucket = 0, tokens = 0] = [this.#buckets[i], this.#buckets[i + 1]];
      const startMs = bucket * this.timing.bucketMs;
      if (startMs + this.#spanMs <= nowMs) {
        this.#buckets.splice(i, 2);
        this.#alone?.delete(bucket);
        this.#told?.delete(bucket);
        continue;
      }
      used += tokens;
      oldestMs = Math.min(oldestMs, startMs);
      i += 2;
    }
    return { used, oldestMs };
  }
}

function add(buckets: Map<number, number>, bucket: number, tokens: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + tokens);
}
