import type { RedisConnection } from '../connection/connection.js';
import { claimScript, regionScript, settleScript } from './scripts.js';
import type { HostKind } from './types.js';

/** How long what was read of the regions may serve to choose where to look first. */
const CACHE_MS = 1_000;

/** A host says where it is about every five minutes; a region without a host is forgotten after an hour. */
const REGION_TTL_MS = 3_600_000;
const HOME_TTL_MS = 3_600_000;

/** A region that this process has not heard of for so long may have been forgotten without any loss. */
const KNOWN_MS = REGION_TTL_MS / 2;
const KNOWN_MAX = 10_000;

/** A region and its free slots, by kind of host. */
export interface RegionFree {
  readonly region: string;
  readonly free: Readonly<Record<HostKind, number>>;
  /** The last time a slot came free: another number than any before. */
  readonly rises: number;
}

/** That a host is about to be in a region. */
export interface Claim {
  /** Higher than that of every claim before. */
  readonly number: string;
  /** What was seen of the host in its room, as the scripts write it. */
  readonly seen: string;
  /** Other regions that may know the host. */
  readonly others: readonly string[];
}

/** Which regions there are, and which one a host is in: the facts of the pool that stand outside its regions. */
export class Regions {
  #cached: readonly RegionFree[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<readonly RegionFree[]> | undefined;

  /** Regions that had a host: since when, and when last (performance.now()). */
  readonly #known = new Map<string, { readonly since: number; readonly last: number }>();

  constructor(private readonly redis: RedisConnection) {}

  /** A region has taken a host's heartbeat. */
  heard(region: string): void {
    const now = performance.now();
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    const known = this.#known.get(region);
    const since = known && now - known.last < KNOWN_MS ? known.since : now;
    this.#known.set(region, { since, last: now });
  }

  /** How long this process has known a region, or 0: one that is younger in Redis was lost there. */
  knownForMs(region: string): number {
    const known = this.#known.get(region);
    const now = performance.now();
    return known && now - known.last < KNOWN_MS ? Math.round(now - known.since) : 0;
  }

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

  /** Say that a host is about to be in a region. */
  async claim(hostId: string, region: string): Promise<Claim> {
    const [, number, seen, ...others] = (await this.redis.run(claimScript, {
      keys: { home: this.redis.keys.pool.home(hostId) },
      argv: { region, ttlMs: HOME_TTL_MS, past: 0 },
    })) as ['claimed', string, string, ...string[]];
    return { number, seen, others };
  }

  /** A later claim was met: those to come are later still, also if Redis has lost that one. */
  async goOnAfter(hostId: string, number: string): Promise<void> {
    const keys = { home: this.redis.keys.pool.home(hostId) };
    await this.redis.run(claimScript, { keys, argv: { region: '', ttlMs: HOME_TTL_MS, past: number } });
  }

  /** A claim is carried out: the other regions know the host no more. */
  async settle(hostId: string, { number, others }: Claim): Promise<void> {
    const keys = { home: this.redis.keys.pool.home(hostId) };
    await this.redis.run(settleScript, { keys, argv: { claim: number }, rest: others });
  }

  /** The regions that may know a host: first where it is, then those that it left or was about to join. */
  async of(hostId: string): Promise<string[]> {
    const key = this.redis.keys.pool.home(hostId);
    const home = await this.redis.command('pool-home', (client) => client.hgetall(key));
    const known = Object.keys(home).filter((field) => field.startsWith('='));
    const regions = [home['@region'] ?? '', ...known.map((field) => field.slice(1))];
    return [...new Set(regions)].filter((region) => region !== '');
  }
}
