import type { RedisConnection } from '../connection/connection.js';
import { RedisUnavailableError } from '../connection/errors.js';
import { TokenBucket, type Unused } from './bucket.js';
import { LocalGrants } from './local-grants.js';
import { drawScript } from './scripts.js';
import { timingOf, type LimitTiming } from './timing.js';
import type { Limit, SharedGrant, Verdict } from './types.js';

/** After Redis did not answer, this instance decides alone for so long before it asks again. */
const ALONE_MS = 1_000;

type DrawReply = [
  'granted',
  tokens: number,
  remaining: number,
  resetMs: number,
  bucket: string,
  lifeMs: number,
];

/**
 * Holds a limit over all instances (invariant E1), drawing tokens from Redis in batches.
 *
 * In any window of time, all instances together let at most `limit` events of a key happen. Under full load they let
 * at least about 90 % of it happen: a token counts a little longer than a window, since it may be used later than it
 * was granted. While Redis is away each instance holds the limit alone, so that the bound is `limit` × instances.
 */
export class SharedLimiter {
  readonly #timing: LimitTiming;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #local = new Map<string, LocalGrants>();
  #aloneUntilMs = 0;
  #sweptAtMs = 0;

  constructor(
    private readonly redis: RedisConnection,
    readonly limit: Limit,
  ) {
    this.#timing = timingOf(limit);
  }

  /**
   * May this happen? At once when tokens are in hand, or were refused a moment ago; else after one round trip.
   * Never throws.
   * @param key whom it is counted for
   * @param n events at once: all or none
   */
  take(key: string, n = 1): Verdict | Promise<Verdict> {
    if (performance.now() < this.#aloneUntilMs) return this.#takeAlone(key, n);
    const bucket = this.#bucket(key);
    return bucket.takeNow(n) ?? bucket.take(n).then((verdict) => verdict ?? this.#takeAlone(key, n));
  }

  #takeAlone(key: string, n: number): Verdict {
    let grants = this.#local.get(key);
    if (!grants) this.#local.set(key, (grants = new LocalGrants(this.limit, this.#timing)));
    const { tokens, remaining, resetMs } = grants.draw(n, performance.now());
    return { allowed: tokens === n, remaining, resetMs: Math.ceil(resetMs) };
  }

  #bucket(key: string): TokenBucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    this.#sweep();
    const bucket = new TokenBucket(this.limit, this.#timing, (want, unused) => this.#draw(key, want, unused));
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Keys come from outside: forget those that went quiet, at most once a window. */
  #sweep(): void {
    const now = performance.now();
    if (now < this.#sweptAtMs + this.#timing.windowMs) return;
    this.#sweptAtMs = now;
    for (const [key, bucket] of this.#buckets) if (bucket.isIdle(now)) this.#buckets.delete(key);
    if (now > this.#aloneUntilMs + this.#timing.windowMs) this.#local.clear();
  }

  async #draw(key: string, want: number, unused: Unused): Promise<SharedGrant | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#timing.drawTimeoutMs, undefined);
    });
    const grant = await Promise.race([this.#ask(key, want, unused), tooLate]);
    clearTimeout(timer);
    if (!grant) this.#aloneUntilMs = performance.now() + ALONE_MS;
    return grant;
  }

  async #ask(key: string, want: number, unused: Unused): Promise<SharedGrant | undefined> {
    const { windowMs, lifeMs, bucketMs } = this.#timing;
    const { name, limit, quietMs = 0 } = this.limit;
    try {
      const [, tokens, remaining, resetMs, bucket, granted] = (await this.redis.run(drawScript, {
        keys: { grants: this.redis.keys.limit.grants(name, key) },
        argv: {
          want,
          limit,
          windowMs,
          lifeMs,
          bucketMs,
          backBucket: unused.bucket,
          back: unused.tokens,
          quietMs,
        },
      })) as DrawReply;
      return { tokens, remaining, resetMs, bucket, lifeMs: granted };
    } catch (error) {
      if (error instanceof RedisUnavailableError) return undefined;
      throw error;
    }
  }
}
