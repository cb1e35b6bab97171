import type { NoTurn, TurnResult, TurnServers } from '../turn-provider.js';
import type { FreshCredential } from './api.js';

/** From this share of its lifetime on, a credential is replaced in the background. */
const RENEW_AFTER = 1 / 4;
/** From this share on, it is not handed out any more: every client gets at least the other half. */
const UNUSABLE_AFTER = 1 / 2;
/** How long a provider that failed is left alone: a dead one must not cost every match its timeout. */
const REST_MS = 10_000;

interface Held {
  readonly turn: TurnServers;
  readonly lifetimeMs: number;
  /** On the monotonic clock, so that setting the time of day changes nothing. */
  readonly bornAtMs: number;
}

/**
 * One credential that all clients share for a while. At most one request is under way; those who come meanwhile wait for
 * it. While a usable credential is held nobody waits: it is replaced behind their backs.
 */
export class SharedCredential {
  readonly #request: () => Promise<FreshCredential | NoTurn>;
  #held: Held | undefined;
  #underWay: Promise<TurnResult> | undefined;
  #restUntilMs = 0;

  /** @param request creates a credential; bounded in time, never rejects */
  constructor(request: () => Promise<FreshCredential | NoTurn>) {
    this.#request = request;
  }

  async get(): Promise<TurnResult> {
    const held = this.#held;
    const age = held === undefined ? 1 : (performance.now() - held.bornAtMs) / held.lifetimeMs;
    if (held === undefined || age >= UNUSABLE_AFTER) return await this.#renew();
    // If it fails unexpectedly, whoever comes when nothing usable is held meets the error.
    if (age >= RENEW_AFTER) this.#renew().catch(() => {});
    return held.turn;
  }

  #renew(): Promise<TurnResult> {
    if (this.#underWay !== undefined) return this.#underWay;
    if (performance.now() < this.#restUntilMs) {
      return Promise.resolve({ ok: false, failure: 'resting', detail: 'failed a moment ago' });
    }
    this.#underWay = this.#replace().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #replace(): Promise<TurnResult> {
    // Before the request: its lifetime began at the provider, somewhere between then and now.
    const bornAtMs = performance.now();
    const bornAtEpochMs = Date.now();
    const fresh = await this.#request();
    if (!fresh.ok) {
      this.#restUntilMs = performance.now() + REST_MS;
      return fresh;
    }
    const lifetimeMs = fresh.lifetimeSeconds * 1000;
    const turn = { ok: true, servers: fresh.servers, expiresAtMs: bornAtEpochMs + lifetimeMs } as const;
    this.#held = { turn, lifetimeMs, bornAtMs };
    return turn;
  }
}
