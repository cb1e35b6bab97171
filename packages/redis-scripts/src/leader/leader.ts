import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../connection/connection.js';
import { leadScript, resignScript } from './scripts.js';

/** Background jobs that one matchmaker does for all. */
export type Job = 'reaper' | 'provisioner';

/**
 * The lock of a job. Its holder leads for so long after it last asked; each time somebody begins to lead is a term, with
 * a higher number than any before, so that what a leader of an earlier term still sends can be told from the rest.
 */
export class Leader {
  /** Whom the lock names while this one leads. */
  readonly owner = randomUUID();

  /** @param leadMs a leader that is killed is replaced after this long */
  constructor(
    private readonly redis: RedisConnection,
    private readonly job: Job,
    readonly leadMs: number,
  ) {}

  /** Lead if nobody else does, or go on leading. @returns the term, or undefined for one that follows */
  async lead(): Promise<string | undefined> {
    const { leader } = this.redis.keys;
    const [, term] = (await this.redis.run(leadScript, {
      keys: { leader: leader.holder(this.job), term: leader.term(this.job) },
      argv: { owner: this.owner, ttlMs: this.leadMs },
    })) as ['leads', string] | ['follows', undefined];
    return term;
  }

  /** Let another lead at once. */
  async resign(): Promise<void> {
    const keys = { leader: this.redis.keys.leader.holder(this.job) };
    await this.redis.run(resignScript, { keys, argv: { owner: this.owner } });
  }
}
