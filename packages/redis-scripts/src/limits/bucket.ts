import { LocalGrants } from './local-grants.js';
import type { LimitTiming } from './timing.js';
import type { AloneUse, Limit, SharedGrant, Verdict } from './types.js';

/** What a draw tells Redis beside its wish. */
export interface Told {
  /** What tokens that come back unused were counted in, and how many they are. */
  readonly bucket: string;
  readonly unused: number;
  /** What was used while Redis was away. */
  readonly alone: readonly AloneUse[];
}

/** Asks Redis for tokens of a key; undefined when it is away. */
export type Draw = (key: string, want: number, told: Told) => Promise<SharedGrant | undefined>;

/** A draw that something else takes along to Redis. */
export interface DrawAlong {
  readonly want: number;
  /** Has to be called: with what it brought, if anything. */
  readonly settle: (grant: SharedGrant | undefined) => void;
}

const NOTHING: SharedGrant = { tokens: 0, remaining: 0, resetMs: 0, bucket: '0', lifeMs: 0 };

/** The tokens that one instance holds of one key. */
export class TokenBucket {
  #grant = NOTHING;
  #grantedAtMs = 0;
  #tokens = 0;
  /** Granted, and not to be used: as many were used alone before the answer came. */
  #excess = 0;
  #refusedUntilMs = 0;
  #waiting = 0;
  #drawing: Promise<boolean> | undefined;
  readonly #local: LocalGrants;

  constructor(
    private readonly key: string,
    private readonly limit: Limit,
    private readonly timing: LimitTiming,
    private readonly draw: Draw,
  ) {
    this.#local = new LocalGrants(limit, timing);
  }

  /** Whether nothing here matters any more. */
  isIdle(nowMs: number): boolean {
    return !this.#drawing && this.#waiting === 0 && nowMs > this.#lastUseMs && this.#local.isOver(nowMs);
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

  /**
   * A verdict, after as few draws as possible: all who wait share them. Undefined when Redis is away.
   * @param soon how many will be taken before long, these included
   */
  async take(n: number, soon: number): Promise<Verdict | undefined> {
    this.#waiting += soon;
    try {
      for (;;) {
        const verdict = this.takeNow(n);
        if (verdict) return verdict;
        if (!(await this.#refill(n))) return undefined;
      }
    } finally {
      this.#waiting -= soon;
    }
  }

  /** Ask Redis already now, unless a token is in hand or refused. */
  prepare(): void {
    if (!this.#isKnown) void this.#refill(1);
  }

  /** Begin a draw that something else takes along. Undefined when there is no need, or Redis has to be told something. */
  along(): DrawAlong | undefined {
    if (this.#drawing || this.#isKnown || this.#tokens + this.#excess > 0) return undefined;
    const [askedAtMs, usedAlone] = [performance.now(), this.#local.usedAlone];
    if (this.#local.untold(askedAtMs).length > 0) return undefined;
    let finish: (isAnswered: boolean) => void = () => {};
    this.#drawing = new Promise((resolve) => (finish = resolve));
    const settle = (grant: SharedGrant | undefined): void => {
      this.#drawing = undefined;
      if (grant) this.#accept(grant, askedAtMs, 0, usedAlone);
      // Who waits for it asks by itself where it brought nothing.
      finish(true);
    };
    return { want: Math.min(this.limit.limit, this.timing.batch), settle };
  }

  /** Ask for nothing: find out whether Redis is back, and tell it what was used meanwhile. */
  probe(): void {
    this.#drawing ??= this.#draw(0, 0).finally(() => (this.#drawing = undefined));
  }

  /** A verdict without Redis: by what this instance itself was granted within the window. */
  takeAlone(n: number): Verdict {
    const { tokens, remaining, resetMs } = this.#local.draw(n, performance.now());
    return { allowed: tokens === n, remaining, resetMs: Math.ceil(resetMs) };
  }

  /** Whether Redis need not be asked about one event. */
  get #isKnown(): boolean {
    const now = performance.now();
    return now < this.#refusedUntilMs || (this.#tokens > 0 && now < this.#lastUseMs);
  }

  get #lastUseMs(): number {
    return this.#grantedAtMs + this.#grant.lifeMs;
  }

  /** One draw at a time. @returns false when Redis is away */
  #refill(needed: number): Promise<boolean> {
    const want = Math.min(this.limit.limit, Math.max(this.timing.batch, this.#waiting));
    this.#drawing ??= this.#draw(want, needed).finally(() => (this.#drawing = undefined));
    return this.#drawing;
  }

  async #draw(want: number, needed: number): Promise<boolean> {
    const unused = this.#tokens + this.#excess;
    this.#local.note(-this.#tokens, this.#lastUseMs);
    this.#tokens = this.#excess = 0;
    // Measured before the draw: no token may be used later than its life after Redis counted it.
    const askedAtMs = performance.now();
    const alone = this.#local.untold(askedAtMs);
    const usedAlone = this.#local.usedAlone;
    const grant = await this.draw(this.key, want, { bucket: this.#grant.bucket, unused, alone });
    if (!grant) return false;
    this.#local.told(alone);
    this.#accept(grant, askedAtMs, needed, usedAlone);
    return true;
  }

  #accept(grant: SharedGrant, askedAtMs: number, needed: number, usedAloneBefore: number): void {
    this.#grant = grant;
    this.#grantedAtMs = askedAtMs;
    this.#hold(needed, this.#local.usedAlone - usedAloneBefore);
  }

  /** Of what was granted, hold what may be used beside what was used alone meanwhile; the rest goes back. */
  #hold(needed: number, usedMeanwhile: number): void {
    const now = performance.now();
    const granted = Math.min(this.#grant.tokens, this.#local.free(now));
    this.#tokens = Math.max(0, Math.min(granted, this.#grant.tokens - usedMeanwhile));
    this.#excess = this.#grant.tokens - this.#tokens;
    this.#local.note(this.#tokens, this.#lastUseMs);
    // Not until more are due: others may give some back. But a flood of refused events asks only so often.
    if (granted < needed) this.#refusedUntilMs = now + this.timing.bucketMs;
  }

  #verdict(allowed: boolean, nowMs: number): Verdict {
    const resetMs = Math.max(1, Math.ceil(this.#grantedAtMs + this.#grant.resetMs - nowMs));
    return { allowed, remaining: this.#grant.remaining + this.#tokens, resetMs };
  }
}
