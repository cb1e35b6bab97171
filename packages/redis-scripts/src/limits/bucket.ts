import type { LimitTiming } from './timing.js';
import type { Limit, SharedGrant, Verdict } from './types.js';

/** Tokens that were not used. */
export interface Unused {
  readonly bucket: string;
  readonly tokens: number;
}

/** Asks Redis for tokens and gives unused ones back; undefined when Redis does not answer in time. */
export type Draw = (want: number, unused: Unused) => Promise<SharedGrant | undefined>;

const NOTHING: SharedGrant = { tokens: 0, remaining: 0, resetMs: 0, bucket: '0', lifeMs: 0 };

/** The tokens that one instance holds of one key. */
export class TokenBucket {
  #grant = NOTHING;
  #grantedAtMs = 0;
  #tokens = 0;
  #refusedUntilMs = 0;
  #waiting = 0;
  #drawing: Promise<boolean> | undefined;

  constructor(
    private readonly limit: Limit,
    private readonly timing: LimitTiming,
    private readonly draw: Draw,
  ) {}

  /** Whether nothing here matters any more. */
  isIdle(nowMs: number): boolean {
    return this.#waiting === 0 && nowMs > this.#grantedAtMs + this.#grant.lifeMs;
  }

  /** A verdict from what is in hand; undefined when Redis has to be asked. */
  takeNow(n: number): Verdict | undefined {
    const now = performance.now();
    if (this.#tokens >= n && now < this.#grantedAtMs + this.#grant.lifeMs) {
      this.#tokens -= n;
      return this.#verdict(true, now);
    }
    return now < this.#refusedUntilMs ? this.#verdict(false, now) : undefined;
  }

  /** A verdict, after as few draws as possible: all who wait share them. Undefined when Redis does not answer. */
  async take(n: number): Promise<Verdict | undefined> {
    this.#waiting += n;
    try {
      for (;;) {
        const verdict = this.takeNow(n);
        if (verdict) return verdict;
        this.#drawing ??= this.#refill(n).finally(() => (this.#drawing = undefined));
        if (!(await this.#drawing)) return undefined;
      }
    } finally {
      this.#waiting -= n;
    }
  }

  /** @returns false when Redis does not answer */
  async #refill(needed: number): Promise<boolean> {
    const unused = { bucket: this.#grant.bucket, tokens: this.#tokens };
    this.#tokens = 0;
    const want = Math.min(this.limit.limit, Math.max(this.timing.batch, this.#waiting));
    // Measured before the draw: no token may be used later than its life after Redis counted it.
    const askedAtMs = performance.now();
    const grant = await this.draw(want, unused);
    if (!grant) return false;
    this.#grant = grant;
    this.#grantedAtMs = askedAtMs;
    this.#tokens = grant.tokens;
    // Not until more are due: others may give some back. But a flood of refused events asks only so often.
    if (grant.tokens < needed) this.#refusedUntilMs = performance.now() + this.timing.bucketMs;
    return true;
  }

  #verdict(allowed: boolean, nowMs: number): Verdict {
    const resetMs = Math.max(1, Math.ceil(this.#grantedAtMs + this.#grant.resetMs - nowMs));
    return { allowed, remaining: this.#grant.remaining + this.#tokens, resetMs };
  }
}
