import type { RedisConnection } from '../connection/connection.js';
import type { Presence } from '../signaling/types.js';
import { allocate } from './allocate.js';
import { regionKeys } from './keys.js';
import { listPage, type ListPage } from './list.js';
import { moveIn, refreshHome, takeOut } from './move.js';
import { reportPresence } from './presence.js';
import { Regions } from './regions.js';
import { heartbeatScript, releaseScript, renewScript, statusScript } from './scripts.js';
import type { Allocation, AllocationRequest, AllocationResult, HostReport, HostStatus } from './types.js';
import { reportArguments, type BeatReply } from './report.js';

/** Times of the pool: the settings of the same names. */
interface PoolTimes {
  readonly HOST_TTL_SECONDS: number;
  readonly LEASE_TTL_SECONDS: number;
}

/** What a pool may use of others. */
export interface PoolOptions {
  /**
   * Ask signaling to tell the pool of a room's members from now on, and who is there now. With it, a streaming host
   * that registers is handed out once that is known; without it (who only allocates needs none), at once.
   */
  readonly bindHost?: (roomId: string, host: { region: string; hostId: string }) => Promise<Presence>;
}

/**
 * The pool of hosts (invariants P1–P7 of the architecture). Each operation is one script on one region's keys, and one
 * round trip in the common case. Every method throws RedisUnavailableError when Redis cannot be asked right now.
 */
export class PoolStore {
  readonly #regions: Regions;
  readonly #hostTtlMs: number;
  readonly #leaseTtlMs: number;

  constructor(
    private readonly redis: RedisConnection,
    times: PoolTimes,
    private readonly options: PoolOptions = {},
  ) {
    this.#regions = new Regions(redis);
    this.#hostTtlMs = times.HOST_TTL_SECONDS * 1_000;
    this.#leaseTtlMs = times.LEASE_TTL_SECONDS * 1_000;
  }

  /** A host says that it lives, and how it is. It reconciles with what the pool knows and never overwrites it. */
  async heartbeat(report: HostReport): Promise<void> {
    const { hostId, region, roomId } = report;
    const argv = reportArguments(report, {
      hostTtlMs: this.#hostTtlMs,
      leaseTtlMs: this.#leaseTtlMs,
      canBind: this.options.bindHost !== undefined,
    });
    const known = (await this.redis.run(heartbeatScript, {
      keys: this.#keys(region),
      argv,
    })) as BeatReply | ['unknown'];
    const [, bind, refresh] =
      known[0] === 'ok' ? known : await moveIn(this.redis, this.#regions, region, argv);
    if (known[0] === 'ok') this.#regions.heard(region);
    if (refresh) await refreshHome(this.redis, this.#regions, region, argv);
    if (bind && this.options.bindHost) {
      const presence = await this.options.bindHost(roomId, { region, hostId });
      await reportPresence(this.redis, presence);
    }
  }

  /** Promise slots to a client; they return by themselves after the lease time (P3). */
  allocate(request: AllocationRequest): Promise<AllocationResult> {
    return allocate(this.redis, this.#regions, {
      ...request,
      leaseTtlMs: request.leaseTtlMs ?? this.#leaseTtlMs,
    });
  }

  /**
   * Give a slot back before its lease expires. Idempotent.
   * @returns false when the lease was taken up, given back or expired already
   */
  async release({ region, leaseId }: Pick<Allocation, 'region' | 'leaseId'>): Promise<boolean> {
    const [status] = (await this.redis.run(releaseScript, {
      keys: this.#keys(region),
      argv: { leaseId },
    })) as ['released' | 'unknown'];
    return status === 'released';
  }

  /** Let a lease stand for longer. @returns false when it was taken up, given back or expired already */
  async renew({ region, leaseId }: Pick<Allocation, 'region' | 'leaseId'>, ttlMs: number): Promise<boolean> {
    const [status] = (await this.redis.run(renewScript, {
      keys: this.#keys(region),
      argv: { leaseId, ttlMs },
    })) as ['renewed' | 'unknown'];
    return status === 'renewed';
  }

  /**
   * A host says goodbye. Its leases stand until they end; where it was is remembered, so that they still count if it
   * comes back, there or elsewhere.
   * @returns false when there is no such host
   */
  async removeHost(hostId: string): Promise<boolean> {
    const regions = await this.#regions.of(hostId);
    const answers = await Promise.all(regions.map((region) => takeOut(this.redis, region, hostId, 'keep')));
    return answers.some(([status]) => status === 'removed');
  }

  /** Change what a host says of itself, until its next heartbeat. @returns false when there is no such host */
  async setStatus(hostId: string, status: HostStatus): Promise<boolean> {
    const regions = await this.#regions.of(hostId);
    const answers = (await Promise.all(
      regions.map((region) =>
        this.redis.run(statusScript, { keys: this.#keys(region), argv: { hostId, status } }),
      ),
    )) as ['ok' | 'unknown'][];
    return answers.some(([answer]) => answer === 'ok');
  }

  /**
   * Living hosts of all regions, a page at a time. A host that heartbeats while one pages may come twice; none is missed.
   * @returns undefined for a cursor that is not ours
   */
  listHosts({
    cursor,
    limit,
  }: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<ListPage | undefined> {
    return listPage(this.redis, this.#regions, { cursor, limit, hostTtlMs: this.#hostTtlMs });
  }

  #keys(region: string) {
    return regionKeys(this.redis.keys, region);
  }
}
