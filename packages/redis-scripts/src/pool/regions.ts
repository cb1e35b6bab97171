import type { RedisConnection } from '../connection/connection.js';
import { regionScript } from './scripts.js';
import type { HostKind } from './types.js';

/** How long what was read of the regions may serve to choose where to look first. */
const CACHE_MS = 1_000;

/** A host says where it is about every five minutes; a region without a host is forgotten after an hour. */
const REGION_TTL_MS = 3_600_000;
const HOME_TTL_SECONDS = 3_600;

/** A region and its free slots, by kind of host. */
export interface RegionFree {
  readonly region: string;
  readonly free: Readonly<Record<HostKind, number>>;
  /** Grows whenever a slot comes free. */
  readonly rises: number;
}

/** Which regions there are, and which one a host is in: the facts of the pool that stand outside its regions. */
export class Regions {
  #cached: readonly RegionFree[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<readonly RegionFree[]> | undefined;

  constructor(private readonly redis: RedisConnection) {}

  /** Every region, read within the last second: good enough to choose where to look first. */
  async recent(): Promise<readonly RegionFree[]> {
    if (performance.now() - this.#readAt < CACHE_MS) return this.#cached;
    return (this.#reading ??= this.read().finally(() => (this.#reading = undefined)));
  }

  /** Every region with hosts in the last hour, and its free slots, as they are now. */
  async read(): Promise<readonly RegionFree[]> {
    const { pool } = this.redis.keys;
    const regions = await this.redis.command('pool-regions', (client) =>
      client.zrange(pool.regions(), '0', '-1'),
    );
    const read = await Promise.all(
      regions.map(async (region) => {
        const totals = await this.redis.command('pool-totals', (client) =>
          client.hmget(pool.totals(region), 'streaming', 'game', 'rises'),
        );
        const [streaming = 0, game = 0, rises = 0] = totals.map(Number);
        return { region, free: { streaming, game }, rises };
      }),
    );
    this.#cached = read;
    this.#readAt = performance.now();
    return read;
  }

  /** Note that a region has hosts. Comes before the first one is there, or nobody would look for it. */
  async note(region: string): Promise<void> {
    const keys = { regions: this.redis.keys.pool.regions() };
    await this.redis.run(regionScript, { keys, argv: { region, keepMs: REGION_TTL_MS } });
  }

  /** Forget the regions that no host has been in for an hour. */
  async prune(): Promise<void> {
    await this.note('');
  }

  /** Write down where a host is. @returns where it was said to be before */
  async settle(hostId: string, region: string): Promise<string | undefined> {
    const key = this.redis.keys.pool.home(hostId);
    const before = await this.redis.command('pool-settle', (client) =>
      client.set(key, region, 'EX', HOME_TTL_SECONDS, 'GET'),
    );
    return before ?? undefined;
  }

  /** The region that a host is in. */
  async of(hostId: string): Promise<string | undefined> {
    const key = this.redis.keys.pool.home(hostId);
    return (await this.redis.command('pool-home', (client) => client.get(key))) ?? undefined;
  }
}
