import { createHash } from 'node:crypto';
import type { RedisConnection } from '../connection/connection.js';
import { claimKeyScript, finishKeyScript } from './scripts.js';

/** A retry within this time gets the room of the first request. */
const CLAIM_TTL_MS = 3_600_000;

/** What a request that carries an Idempotency-Key is to create. */
export interface Claim {
  readonly roomId: string;
  /** What the owner's token is made from, together with the key itself: Redis alone does not give it away. */
  readonly salt: string;
}

/**
 * What a key stands for: `new` for the first request, `running` while none has finished, `done` afterwards; `other`
 * when it came with another request before.
 */
export type ClaimResult =
  ({ readonly outcome: 'new' | 'running' | 'done' } & Claim) | { readonly outcome: 'other' };

/** What clients' Idempotency-Keys stand for. Methods throw RedisUnavailableError when Redis cannot be asked right now. */
export class CreateClaims {
  constructor(private readonly redis: RedisConnection) {}

  /** @param request the request's body, in one spelling */
  async claim(key: string, request: string, claim: Claim): Promise<ClaimResult> {
    const [outcome, roomId, salt] = (await this.redis.run(claimKeyScript, {
      keys: this.#keys(key),
      argv: { ...claim, request: sha256(request), ttlMs: CLAIM_TTL_MS },
    })) as ['new' | 'running' | 'done', string, string] | ['other', undefined, undefined];
    return outcome === 'other' ? { outcome } : { outcome, roomId, salt };
  }

  /** The room stands. */
  async finish(key: string): Promise<void> {
    await this.redis.run(finishKeyScript, { keys: this.#keys(key), argv: {} });
  }

  #keys(key: string) {
    return { claim: this.redis.keys.claim.create(sha256(key)) };
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
