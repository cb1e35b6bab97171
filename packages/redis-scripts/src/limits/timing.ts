import type { Limit } from './types.js';

/** A token is used within this part of the window after it was granted; what a full load loses of the limit. */
const LIVES_PER_WINDOW = 20;
const BUCKETS_PER_WINDOW = 40;
/** Tokens should outlive the draw that brings them. */
const LIFE_MIN_MS = 100;
/** One draw takes up to this part of the limit: what one instance may hold idle while another is refused. */
const DRAWS_PER_LIMIT = 25;

/** How a limit is drawn from. */
export interface LimitTiming {
  readonly windowMs: number;
  readonly lifeMs: number;
  readonly bucketMs: number;
  /** Tokens of one draw. */
  readonly batch: number;
}

/** How much longer tokens have to live for a draw that takes as long as the last one; 0 while Redis is quick. */
export function longerFor(tookMs: number, { lifeMs }: LimitTiming): number {
  return tookMs * 2 > lifeMs ? Math.ceil(tookMs * 2) : 0;
}

export function timingOf({ limit, windowMs }: Limit): LimitTiming {
  const lifeMs = Math.max(LIFE_MIN_MS, Math.floor(windowMs / LIVES_PER_WINDOW));
  return {
    windowMs,
    lifeMs,
    bucketMs: Math.max(1, Math.floor(windowMs / BUCKETS_PER_WINDOW)),
    batch: Math.max(1, Math.floor(limit / DRAWS_PER_LIMIT)),
  };
}
