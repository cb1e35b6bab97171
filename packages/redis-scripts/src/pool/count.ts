import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import { countRegionScript } from './scripts.js';
import type { HostKind } from './types.js';

/** A region in numbers. */
export interface RegionNumbers {
  readonly region: string;
  /** Those that heartbeat. */
  readonly hosts: number;
  /** Slots that can be promised now, by kind of host. */
  readonly free: Readonly<Record<HostKind, number>>;
  /** Slots that are promised: a party's are as many as its seats. */
  readonly leased: number;
}

/** A region's numbers as they are now, from running totals. @throws RedisUnavailableError */
export async function countRegion(redis: RedisConnection, region: string): Promise<RegionNumbers> {
  for (;;) {
    const answer = (await redis.run(countRegionScript, {
      keys: regionKeys(redis.keys, region),
      argv: {},
    })) as ['ok', number, number, number, number] | ['again'];
    if (answer[0] === 'again') continue;
    const [, hosts, leased, streaming, game] = answer;
    return { region, hosts, free: { streaming, game }, leased };
  }
}
