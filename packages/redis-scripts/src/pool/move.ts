import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import type { Regions } from './regions.js';
import type { BeatReply, ReportArguments } from './report.js';
import { registerScript, removeScript } from './scripts.js';

/**
 * Take a host out of a region.
 * @returns its leases there, as the script writes them; `keep` leaves them behind, `drop` does not
 */
async function takeOut(
  redis: RedisConnection,
  region: string,
  hostId: string,
  leases: 'keep' | 'drop',
): Promise<string[]> {
  const [, ...had] = (await redis.run(removeScript, {
    keys: regionKeys(redis.keys, region),
    argv: { hostId, leases },
  })) as [string, ...string[]];
  return had;
}

/**
 * Register a host in a region: the rare heartbeat, of a host that the region does not know. The steps stand in an order
 * in which no crash between two of them makes a slot count twice or lets a lease be forgotten: the host leaves where it
 * was before it counts here, and its leases are dropped there only once they stand here. Whoever writes down a host's
 * region takes it out of the one that stood there before, so of several heartbeats at once one stays.
 */
export async function moveIn(
  redis: RedisConnection,
  regions: Regions,
  region: string,
  report: ReportArguments,
): Promise<BeatReply> {
  const { hostId } = report;
  const [before] = await Promise.all([regions.of(hostId), regions.note(region)]);
  const isElsewhere = before !== undefined && before !== region;
  const leases = isElsewhere ? await takeOut(redis, before, hostId, 'keep') : [];
  const answer = (await redis.run(registerScript, {
    keys: regionKeys(redis.keys, region),
    argv: report,
    rest: leases,
  })) as BeatReply;
  await settleIn(redis, regions, region, hostId);
  return answer;
}

/** Write down where a host is, and take it out of where it was said to be. */
export async function settleIn(
  redis: RedisConnection,
  regions: Regions,
  region: string,
  hostId: string,
): Promise<void> {
  const replaced = await regions.settle(hostId, region);
  if (replaced !== undefined && replaced !== region) await takeOut(redis, replaced, hostId, 'drop');
}
