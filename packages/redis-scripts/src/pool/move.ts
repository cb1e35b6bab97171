import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import type { Claim, Regions } from './regions.js';
import type { BeatReply, ReportArguments } from './report.js';
import { registerScript, removeScript } from './scripts.js';

/** A region was met by a later claim than ours already: the number of that one. */
type Superseded = readonly ['superseded', later: string];

const NOTHING_TO_DO: BeatReply = ['ok', 0, 0];

function isSuperseded(answer: readonly unknown[]): answer is Superseded {
  return answer[0] === 'superseded';
}

/** The keys of a region, and the one of a host there. */
function keysOf(redis: RedisConnection, region: string, hostId: string) {
  return { ...regionKeys(redis.keys, region), claim: redis.keys.pool.claim(region, hostId) };
}

/**
 * Take a host out of a region.
 * @param leases `keep` leaves them behind, `drop` does not
 * @param claim number of the claim, for another region, that this carries out; none for a goodbye
 * @returns `removed` or `unknown`, then its leases there, as the script writes them
 */
export async function takeOut(
  redis: RedisConnection,
  region: string,
  hostId: string,
  leases: 'keep' | 'drop',
  claim = '',
): Promise<readonly ['removed' | 'unknown', ...string[]] | Superseded> {
  return (await redis.run(removeScript, {
    keys: keysOf(redis, region, hostId),
    argv: { hostId, leases, claim },
  })) as readonly ['removed' | 'unknown', ...string[]] | Superseded;
}

/**
 * Register a host in a region: the rare heartbeat, of a host that the region does not know. The steps stand in an order
 * in which no crash between two of them makes a slot count twice or lets a lease be forgotten: the region is claimed
 * first, so that whoever comes later knows of it; the host leaves where it was before it counts here; and its leases are
 * dropped there only once they stand here. Of several heartbeats at once the last to claim wins: regions refuse what
 * earlier claims still send.
 */
export async function moveIn(
  redis: RedisConnection,
  regions: Regions,
  region: string,
  report: ReportArguments,
): Promise<BeatReply> {
  const { hostId } = report;
  const [claim] = await Promise.all([regions.claim(hostId, region), regions.note(region)]);
  const known = { ...report, knownForMs: regions.knownForMs(region) };
  const answer = await carryOut(redis, region, known, claim);
  if (isSuperseded(answer)) {
    await regions.goOnAfter(hostId, answer[1]);
    return NOTHING_TO_DO;
  }
  regions.heard(region);
  if (claim.others.length > 0) await regions.settle(hostId, claim);
  return answer;
}

async function carryOut(
  redis: RedisConnection,
  region: string,
  report: ReportArguments & { readonly knownForMs: number },
  { number, seen, others }: Claim,
): Promise<BeatReply | Superseded> {
  const { hostId } = report;
  const had = await Promise.all(others.map((other) => takeOut(redis, other, hostId, 'keep', number)));
  const leases: string[] = [];
  for (const each of had) {
    if (isSuperseded(each)) return each;
    leases.push(...each.slice(1));
  }
  const answer = (await redis.run(registerScript, {
    keys: keysOf(redis, region, hostId),
    argv: { ...report, claim: number, seen, others: others.length },
    rest: leases,
  })) as BeatReply | Superseded;
  if (isSuperseded(answer)) return answer;
  await Promise.all(others.map((other) => takeOut(redis, other, hostId, 'drop', number)));
  return answer;
}

/** Remember a known host's region for longer, and finish a move that stopped half-way. */
export async function refreshHome(
  redis: RedisConnection,
  regions: Regions,
  region: string,
  report: ReportArguments,
): Promise<void> {
  const [{ others }] = await Promise.all([regions.claim(report.hostId, region), regions.note(region)]);
  if (others.length > 0) await moveIn(redis, regions, region, report);
}
