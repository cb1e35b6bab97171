import { randomBytes } from 'node:crypto';
import type { RedisConnection } from '../connection/connection.js';
import { TokenBucket, type Draw, type Told } from './bucket.js';
import { drawScript } from './scripts.js';
import { longerFor, timingOf, type LimitTiming } from './timing.js';
import type { Limit, SharedGrant, TakenAlong, Verdict } from './types.js';

/** Since a draw failed, Redis is asked so often whether it is back; nobody waits for that. */
const PROBE_EVERY_MS = 1_000;

/** What a script says that it granted; empty where it granted nothing. */
export type GrantReply = readonly [
  tokens: number,
  remaining: number,
  resetMs: number,
  bucket: string,
  lifeMs: number,
];

/** What a script says that it granted, if anything. */
export function decodeGrant(reply: GrantReply | readonly []): SharedGrant | undefined {
  if (reply.length === 0) return undefined;
  const [tokens, remaining, resetMs, bucket, lifeMs] = reply;
  return { tokens, remaining, resetMs, bucket, lifeMs };
}

/**
 * Holds a limit over all instances (invariant E1), drawing tokens from Redis in batches.
 *
 * In any window of time, all instances together let at most `limit` events of a key happen. Under full load they let
 * at least about 90 % of it happen: a token counts a little longer than a window, since it may be used later than it
 * was granted. A slow Redis is waited for, as long as it answers within the command timeout. Once a draw failed (timed
 * out, or the circuit is open) each instance holds the limit alone, counting what it was granted before, until a draw is
 * answered: the bound is `limit` × instances then, and still `limit` for each instance. When Redis is back it is told
 * what was used meanwhile.
 */
export class SharedLimiter {
  readonly #timing: LimitTiming;
  readonly #buckets = new Map<string, TokenBucket>();
  /** Tells what this instance used alone from what others did. */
  readonly #instance = randomBytes(6).toString('hex');
  #isAway = false;
  #probeAtMs = 0;
  #longerMs = 0;
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
   * @param soon how many will be asked about before long, these included: one draw brings them all
   */
  take(key: string, n = 1, soon = n): Verdict | Promise<Verdict> {
    const bucket = this.#bucket(key);
    const verdict = bucket.takeNow(n);
    if (verdict) return verdict;
    if (!this.#isAway) return bucket.take(n, soon).then((shared) => shared ?? bucket.takeAlone(n));
    this.#probe(bucket);
    return bucket.takeAlone(n);
  }

  /** Begin to ask Redis, if need be, for what will be taken in a moment; takes nothing. */
  prepare(key: string): void {
    if (!this.#isAway) this.#bucket(key).prepare();
  }

  /**
   * Let something that asks Redis anyway draw for a key as well, where Redis would have to be asked about its next event.
   * @param run is told what to draw, as scripts take it: empty for nothing; brings what was granted
   * @throws what `run` does
   */
  async along<T extends TakenAlong>(key: string, run: (draw: string) => Promise<T>): Promise<T> {
    const draw = this.#isAway ? undefined : this.#bucket(key).along();
    if (!draw) return run('');
    const { windowMs, lifeMs, bucketMs } = this.#timing;
    const { limit, quietMs = 0 } = this.limit;
    const numbers = [draw.want, limit, windowMs, lifeMs, bucketMs, quietMs, this.#longerMs];
    let grant: SharedGrant | undefined;
    try {
      const answer = await run(numbers.join(' '));
      grant = answer.grant;
      return answer;
    } finally {
      draw.settle(grant);
    }
  }

  #probe(bucket: TokenBucket): void {
    const now = performance.now();
    if (now < this.#probeAtMs) return;
    this.#probeAtMs = now + PROBE_EVERY_MS;
    bucket.probe();
  }

  #bucket(key: string): TokenBucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    this.#sweep();
    const bucket = new TokenBucket(key, this.limit, this.#timing, this.#draw);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Keys come from outside: forget those that went quiet, at most once a window. */
  #sweep(): void {
    const now = performance.now();
    if (now < this.#sweptAtMs + this.#timing.windowMs) return;
    this.#sweptAtMs = now;
    for (const [key, bucket] of this.#buckets) if (bucket.isIdle(now)) this.#buckets.delete(key);
  }

  readonly #draw: Draw = async (key, want, told) => {
    const askedAtMs = performance.now();
    const grant = await this.#ask(key, want, told);
    const now = performance.now();
    this.#longerMs = longerFor(now - askedAtMs, this.#timing);
    this.#isAway = !grant;
    if (!grant) this.#probeAtMs = now + PROBE_EVERY_MS;
    return grant;
  };

  async #ask(key: string, want: number, told: Told): Promise<SharedGrant | undefined> {
    const { windowMs, lifeMs, bucketMs } = this.#timing;
    const { name, limit, quietMs = 0, isOfRooms } = this.limit;
    const { keys } = this.redis;
    try {
      const [, ...granted] = (await this.redis.run(drawScript, {
        keys: { grants: isOfRooms ? keys.room.grants(key) : keys.limit.grants(name, key) },
        argv: {
          want,
          limit,
          windowMs,
          lifeMs,
          bucketMs,
          backBucket: told.bucket,
          back: told.unused,
          quietMs,
          longerMs: this.#longerMs,
          instance: this.#instance,
        },
        rest: told.alone.flatMap((each) => [each.bucket, each.agoMs, each.tokens]),
      })) as ['granted', ...GrantReply];
      return decodeGrant(granted);
    } catch {
      // Whatever the reason: a limit must not cost the connections that it protects.
      return undefined;
    }
  }
}
