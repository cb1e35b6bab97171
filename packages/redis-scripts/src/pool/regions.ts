import type { RedisConnection } from '../connection/connection.js';
import { forgetScript } from './scripts.js';
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
      client.zrange(pool.regions(), Date.now() - REGION_TTL_MS, '+inf', 'BYSCORE'),
    );
    const read = await Promise.all(
      regions.map(async (region) => {
        const [streaming, game] = await this.redis.command('pool-totals', (client) =>
          client.hmget(pool.totals(region), 'streaming', 'game'),
        );
        return { region, free: { streaming: Number(streaming ?? 0), game: Number(game ?? 0) } };
      }),
    );
    this.#cached = read;
    this.#readAt = performance.now();
    return read;
  }

  /** Forget the regions that no host has been in for an hour. */
  async prune(): Promise<void> {
    const key = this.redis.keys.pool.regions();
    const endMs = Date.now() - REGION_TTL_MS;
    await this.redis.command('pool-prune', (client) => client.zremrangebyscore(key, '-inf', `(${endMs}`));
  }

  /** Write down where a host is. @returns where it was before, if that is known */
  async settle(hostId: string, region: string): Promise<string | undefined> {
    const { pool } = this.redis.keys;
    const [before] = await Promise.all([
      this.redis.command('pool-settle', (client) =>
        client.set(pool.home(hostId), region, 'EX', HOME_TTL_SECONDS, 'GET'),
      ),
      this.redis.command('pool-region', (client) => client.zadd(pool.regions(), Date.now(), region)),
    ]);
    return before ?? undefined;
  }

  /** The region that a host is in. */
  async of(hostId: string): Promise<string | undefined> {
    const key = this.redis.keys.pool.home(hostId);
    return (await this.redis.command('pool-home', (client) => client.get(key))) ?? undefined;
  }

  /** A host has left a region. */
  async forget(hostId: string, region: string): Promise<void> {
    await this.redis.run(forgetScript, {
      keys: { home: this.redis.keys.pool.home(hostId) },
      argv: { region },
    });
  }
}
