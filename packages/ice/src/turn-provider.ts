import type { IceServer } from '@parley/protocol';

/**
 * Why a provider gave nothing:
 * `timeout` no whole answer in time; `unreachable` no connection, or one that broke; `refused` an HTTP status that is not
 * a success; `invalid` an answer that is too large or not what is documented; `resting` it failed a moment ago and is
 * left alone; `failed` what nobody expected.
 */
export type TurnFailure = 'timeout' | 'unreachable' | 'refused' | 'invalid' | 'resting' | 'failed';

export interface TurnServers {
  readonly ok: true;
  readonly servers: readonly IceServer[];
  /** When the credentials end, in milliseconds since the epoch; absent when they do not. */
  readonly expiresAtMs?: number;
}

export interface NoTurn {
  readonly ok: false;
  readonly failure: TurnFailure;
  /** For the log: free of URLs, which carry keys, and of anything a provider sent. */
  readonly detail: string;
}

export type TurnResult = TurnServers | NoTurn;

/** One source of TURN servers with credentials. */
export interface TurnProvider {
  readonly name: 'metered' | 'coturn' | 'static';
  /**
   * Servers for one client, within `ICE_TIMEOUT_MS`.
   * @param user who will use them, for providers whose credentials name a user
   */
  turn(user?: string): Promise<TurnResult> | TurnResult;
}
