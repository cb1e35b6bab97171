import type { RedisConnection } from '../connection/connection.js';
import { Leader } from '../leader/leader.js';
import type { RegionNumbers } from '../pool/count.js';
import { regionKeys } from '../pool/keys.js';
import { lookScript } from '../pool/scripts.js';
import { confirmScript } from './scripts.js';

const TOLD_KEEP_MS = 86_400_000;

/** Hosts that one look is taken at, of which it is known then how large they are. */
const SAMPLE = 16;

/** A region before somebody scales it. */
export interface RegionSight extends RegionNumbers {
  /** The greatest capacity of some of its hosts: of those with the most free slots, and of a few drawn anew each time. */
  readonly largest: number;
  /** Leases may stand that Redis has lost: what is free is not known yet. */
  readonly isUnsettled: boolean;
}

type Look =
  ['ok', ...totals: [number, number, number, number], largest: number, isUnsettled: 0 | 1] | ['again'];

/** What the provisioner reads and writes in Redis. Every method throws RedisUnavailableError. */
export class ProvisionStore {
  readonly #leader: Leader;

  /** @param leadMs a provisioner that is killed is replaced after this long */
  constructor(
    private readonly redis: RedisConnection,
    leadMs: number,
  ) {
    this.#leader = new Leader(redis, 'provisioner', leadMs);
  }

  /** Lead if nobody else does, or go on leading. @returns the term, or undefined for one that follows */
  lead(): Promise<string | undefined> {
    return this.#leader.lead();
  }

  /** Let another lead at once. */
  resign(): Promise<void> {
    return this.#leader.resign();
  }

  /** A region's hosts and slots, from running totals: O(log n), whatever the size of its pool. */
  async look(region: string): Promise<RegionSight> {
    const keys = regionKeys(this.redis.keys, region);
    for (;;) {
      const answer = (await this.redis.run(lookScript, { keys, argv: { sample: SAMPLE } })) as Look;
      if (answer[0] === 'again') continue;
      const [, hosts, leased, streaming, game, largest, isUnsettled] = answer;
      const numbers = { region, hosts, free: { streaming, game }, leased };
      return { ...numbers, largest, isUnsettled: isUnsettled === 1 };
    }
  }

  /** How many hosts the platform was last told that a region is to have; undefined after a day, or when Redis lost it. */
  async told(region: string): Promise<number | undefined> {
    const key = this.redis.keys.provisioner.told();
    const hosts = await this.redis.command('provision-told', (client) => client.hget(key, region));
    return hosts === null ? undefined : Number(hosts);
  }

  /**
   * Note what the platform is about to be told, and lead for longer.
   * @returns false for one that does not lead in this term any more, which must not tell the platform anything
   */
  async confirm(term: string, region: string, hosts: number): Promise<boolean> {
    const { leader, provisioner } = this.redis.keys;
    const { owner, leadMs } = this.#leader;
    const [status] = (await this.redis.run(confirmScript, {
      keys: {
        leader: leader.holder('provisioner'),
        term: leader.term('provisioner'),
        told: provisioner.told(),
      },
      argv: { owner, term, ttlMs: leadMs, region, hosts, keepMs: TOLD_KEEP_MS },
    })) as ['ok' | 'superseded'];
    return status === 'ok';
  }
}
