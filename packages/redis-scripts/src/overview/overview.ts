import type { RedisConnection } from '../connection/connection.js';
import { countRegion, type RegionNumbers } from '../pool/count.js';
import { RoomCounts, type RoomNumbers } from './room-counts.js';
import { countMembersScript } from './scripts.js';

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
    return Promise.all(names.toSorted().map((region) => countRegion(this.redis, region)));
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
