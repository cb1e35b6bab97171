import type { RedisConnection } from '../connection/connection.js';
import type { HostKind } from '../pool/types.js';
import { RoomCounts, type RoomNumbers } from './room-counts.js';
import { countMembersScript, countRegionScript } from './scripts.js';

/** A region in numbers. */
export interface RegionNumbers {
  readonly region: string;
  /** Those that heartbeat. */
  readonly hosts: number;
  /** Slots that can be promised now, by kind of host. */
  readonly free: Readonly<Record<HostKind, number>>;
  /** Promises of slots that stand; a party's is one. */
  readonly leases: number;
}

/** All there is, in numbers. */
export interface Overview {
  /** In the order of their names. */
  readonly regions: readonly RegionNumbers[];
  readonly rooms: Omit<RoomNumbers, 'migrations'>;
  /** Rooms that were given another host, since this Redis began. */
  readonly migrations: number;
  /** Signaling instances. */
  readonly instances: number;
  /** Connections that are in signaling rooms. */
  readonly members: number;
}

/** Reads the numbers that operators see. It costs O(log n) for each region, whatever the size of its pool. */
export class OverviewStore {
  readonly #rooms: RoomCounts;

  constructor(private readonly redis: RedisConnection) {
    this.#rooms = new RoomCounts(redis);
  }

  /** @throws RedisUnavailableError when Redis cannot be asked right now */
  async read(): Promise<Overview> {
    const [regions, { migrations, ...rooms }, signaling] = await Promise.all([
      this.#regions(),
      this.#rooms.read(),
      this.#signaling(),
    ]);
    return { regions, rooms, migrations, ...signaling };
  }

  async #regions(): Promise<RegionNumbers[]> {
    const key = this.redis.keys.pool.regions();
    const names = await this.redis.command('overview-regions', (client) => client.zrange(key, '0', '-1'));
    return Promise.all(names.toSorted().map((region) => this.#region(region)));
  }

  async #region(region: string): Promise<RegionNumbers> {
    const { hosts, leases, totals } = this.redis.keys.pool;
    const [, living, promised, streaming, game] = (await this.redis.run(countRegionScript, {
      keys: { hosts: hosts(region), leases: leases(region), totals: totals(region) },
      argv: {},
    })) as ['ok', number, number, number, number];
    return { region, hosts: living, free: { streaming, game }, leases: promised };
  }

  async #signaling(): Promise<Pick<Overview, 'instances' | 'members'>> {
    const { leases, members: of } = this.redis.keys.instance;
    const [, instances, members] = (await this.redis.run(countMembersScript, {
      keys: { leases: leases(), members: of() },
      argv: {},
    })) as ['ok', number, number];
    return { instances, members };
  }
}
