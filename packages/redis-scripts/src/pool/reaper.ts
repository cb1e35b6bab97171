import type { RedisConnection } from '../connection/connection.js';
import { Leader } from '../leader/leader.js';
import { regionKeys } from './keys.js';
import { Regions, type RegionFree } from './regions.js';
import { reapScript } from './scripts.js';

/** What one round did: nothing for one that follows. */
export type ReapResult =
  | {
      readonly outcome: 'led';
      readonly hosts: number;
      readonly leases: number;
      /** Every region with hosts in the last hour, as it was when the round began. */
      readonly regions: readonly RegionFree[];
    }
  | { readonly outcome: 'follows' };

/**
 * Retires expired hosts and leases of regions that nobody asks about. One at a time does it: the leader, until its
 * lock ends. What a leader that lost its lock still sends is refused by the regions that its successor has been to.
 */
export class PoolReaper {
  readonly #leader: Leader;
  readonly #regions: Regions;

  /** @param leadMs a leader that is killed is replaced after this long */
  constructor(
    private readonly redis: RedisConnection,
    leadMs: number,
  ) {
    this.#leader = new Leader(redis, 'reaper', leadMs);
    this.#regions = new Regions(redis);
  }

  /** Lead if nobody else does, and retire everything that is due. @throws RedisUnavailableError */
  async round(): Promise<ReapResult> {
    const term = await this.#leader.lead();
    if (term === undefined) return { outcome: 'follows' };
    await this.#regions.prune();
    let hosts = 0;
    let leases = 0;
    const regions = await this.#regions.read();
    for (const { region } of regions) {
      const retired = await this.#reap(region, term);
      hosts += retired.hosts;
      leases += retired.leases;
    }
    return { outcome: 'led', hosts, leases, regions };
  }

  /** Let another lead at once. */
  resign(): Promise<void> {
    return this.#leader.resign();
  }

  async #reap(region: string, term: string): Promise<{ hosts: number; leases: number }> {
    const retired = { hosts: 0, leases: 0 };
    for (;;) {
      const [status, hosts = 0, leases = 0, more] = (await this.redis.run(reapScript, {
        keys: regionKeys(this.redis.keys, region),
        argv: { term },
      })) as ['ok' | 'fenced', number?, number?, number?];
      retired.hosts += hosts;
      retired.leases += leases;
      if (status === 'fenced' || !more) return retired;
    }
  }
}
