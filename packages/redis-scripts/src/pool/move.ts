import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import type { Regions } from './regions.js';
import type { BeatReply, ReportArguments } from './report.js';
import { registerScript, removeScript } from './scripts.js';

/** Take a host out of a region, with its leases. */
async function takeOut(redis: RedisConnection, region: string, hostId: string): Promise<string[]> {
  const [, ...leases] = (await redis.run(removeScript, {
    keys: regionKeys(redis.keys, region),
    argv: { hostId, carry: 1 },
  })) as [string, ...string[]];
  return leases;
}

/**
 * Register a host in a region: the rare heartbeat, of a host that the region does not know. It is taken out of where
 * it was before it counts here, so no slot is there twice. A crash between two steps leaves at most an entry that
 * nobody refreshes, which ends with the host's TTL.
 */
export async function moveIn(
  redis: RedisConnection,
  regions: Regions,
  region: string,
  report: ReportArguments,
): Promise<BeatReply> {
  const { hostId } = report;
  const before = await regions.settle(hostId, region);
  const leases = before !== undefined && before !== region ? await takeOut(redis, before, hostId) : [];
  const answer = (await redis.run(registerScript, {
    keys: regionKeys(redis.keys, region),
    argv: report,
    rest: leases,
  })) as BeatReply;
  // Two heartbeats of one host with two regions, at once: whoever wrote its region last keeps it.
  if ((await regions.of(hostId)) !== region) await takeOut(redis, region, hostId);
  return answer;
}
