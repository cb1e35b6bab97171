import { LocalGrants } from './local-grants.js';
import type { LimitTiming } from './timing.js';
import type { Limit, SharedGrant, Verdict } from './types.js';

/** What a draw tells Redis beside its wish. */
export interface Told {
  /** What tokens that come back unused were counted in, and how many they are. */
  readonly bucket: string;
  readonly unused: number;
  /** How many were used while Redis was away. */
  readonly alone: number;
}

/** Asks Redis for tokens; undefined when it is away. */
export type Draw = (want: number, told: Told) => Promise<SharedGrant | undefined>;

const NOTHING: SharedGrant = { tokens: 0, remaining: 0, resetMs: 0, bucket: '0', lifeMs: 0 };

/** The tokens that one instance holds of one key. */
export class TokenBucket {
  #grant = NOTHING;
  #grantedAtMs = 0;
  #tokens = 0;
  #refusedUntilMs = 0;
  #waiting = 0;
  #drawing: Promise<boolean> | undefined;
  readonly #local: LocalGrants;

  constructor(
    private readonly limit: Limit,
    private readonly timing: LimitTiming,
    private readonly draw: Draw,
  ) {
    this.#local = new LocalGrants(limit, timing);
  }

  /** Whether nothing here matters any more. */
  isIdle(nowMs: number): boolean {
    return this.#waiting === 0 && nowMs > this.#lastUseMs && this.#local.isOver(nowMs);
  }

  /** A verdict from what is in hand; undefined when Redis has to be asked. */
  takeNow(n: number): Verdict | undefined {
    const now = performance.now();
    if (this.#tokens >= n && now < this.#lastUseMs) {
      this.#tokens -= n;
      return this.#verdict(true, now);
    }
    return now < this.#refusedUntilMs ? this.#verdict(false, now) : undefined;
  }

  /** A verdict, after as few draws as possible: all who wait share them. Undefined when Redis is away. */
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

  /** A verdict without Redis: by what this instance itself was granted within the window. */
  takeAlone(n: number): Verdict {
    const { tokens, remaining, resetMs } = this.#local.draw(n, performance.now());
    return { allowed: tokens === n, remaining, resetMs: Math.ceil(resetMs) };
  }

  get #lastUseMs(): number {
    return this.#grantedAtMs + this.#grant.lifeMs;
  }

  /** @returns false when Redis is away */
  async #refill(needed: number): Promise<boolean> {
    const unused = this.#tokens;
    this.#tokens = 0;
    this.#local.note(-unused, this.#lastUseMs);
    const want = Math.min(this.limit.limit, Math.max(this.timing.batch, this.#waiting));
    // Measured before the draw: no token may be used later than its life after Redis counted it.
    const askedAtMs = performance.now();
    const alone = this.#local.takeAlone(askedAtMs);
    const grant = await this.draw(want, { bucket: this.#grant.bucket, unused, alone });
    if (!grant) {
      this.#local.keepAlone(alone);
      return false;
    }
    this.#grant = grant;
    this.#grantedAtMs = askedAtMs;
    this.#tokens = grant.tokens;
    this.#local.note(grant.tokens, this.#lastUseMs);
    // Not until more are due: others may give some back. But a flood of refused events asks only so often.
    if (grant.tokens < needed) this.#refusedUntilMs = performance.now() + this.timing.bucketMs;
    return true;
  }

  #verdict(allowed: boolean, nowMs: number): Verdict {
    const resetMs = Math.max(1, Math.ceil(this.#grantedAtMs + this.#grant.resetMs - nowMs));
    return { allowed, remaining: this.#grant.remaining + this.#tokens, resetMs };
  }
}
