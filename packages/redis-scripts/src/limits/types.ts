/** A strict upper bound: at most `limit` events a key in any window of time, over all instances together. */
export interface Limit {
  /** Tells one limit from another that counts the same keys. */
  readonly name: string;
  /** Events; at least 1. */
  readonly limit: number;
  readonly windowMs: number;
  /**
   * How much longer tokens may be used that were drawn while at most a quarter of the limit is in use, so that events
   * now and then cost no draw each. What they count for longer is missing after a sudden flood, for as long.
   */
  readonly quietMs?: number;
  /** Its keys are rooms, and stand beside a room's own: the scripts of a room may draw. */
  readonly isOfRooms?: boolean;
}

/** Whether an event may happen. */
export interface Verdict {
  readonly allowed: boolean;
  /** Events that may still happen now, as far as this instance knows; others may take some of them. */
  readonly remaining: number;
  /** Milliseconds after which more may happen. */
  readonly resetMs: number;
}

/** Tokens that were granted, by Redis or without it. */
export interface Grant {
  readonly tokens: number;
  /** Tokens that were still free then. */
  readonly remaining: number;
  readonly resetMs: number;
}

/** A grant that was counted in Redis. */
export interface SharedGrant extends Grant {
  /** What it was counted in; needed to give tokens back. */
  readonly bucket: string;
  /** How long the tokens may be used from when they were asked for. */
  readonly lifeMs: number;
}

/** What an instance used without Redis. */
export interface AloneUse {
  /** Number of a bucket of time, on the instance's own clock. */
  readonly bucket: number;
  /** At least so long ago all of them were used. */
  readonly agoMs: number;
  /** All that were used in it so far: telling it again changes nothing. */
  readonly tokens: number;
}

/** A draw that a script takes along. */
export interface TakenAlong {
  /** What was drawn, if anything. */
  readonly grant?: SharedGrant | undefined;
}
