import type { RedisConnection } from '../connection/connection.js';
import type { Presence } from '../signaling/types.js';
import { regionKeys } from './keys.js';
import { noteScript, presenceScript } from './scripts.js';

/** The matchmaker asks a room who is in it this often, in case a report of signaling was lost. */
const RECHECK_MS = 60_000;

/**
 * What became of a report. `unknown`: the host is not in that region (any more); `other-room`: it meets its clients
 * elsewhere now; `stale`: a later report came first.
 */
type PresenceResult = 'ok' | 'unknown' | 'other-room' | 'stale';

/**
 * Tell the pool who is in a streaming host's signaling room: how many sessions it has, and whether it is there itself
 * (P2, P6). Idempotent. Which member is the host is a rule of the script `pool-presence`.
 * @throws RedisUnavailableError
 */
export async function reportPresence(
  redis: RedisConnection,
  { region, hostId, roomId, version, members }: Presence,
): Promise<PresenceResult> {
  const [status, seen = '', isNews] = (await redis.run(presenceScript, {
    keys: regionKeys(redis.keys, region),
    argv: { hostId, roomId, version, recheckMs: RECHECK_MS },
    rest: members.flatMap(({ memberId, evidence }) => [memberId, evidence]),
  })) as [PresenceResult, string?, number?];
  // A crash right here only makes a host that comes back later count as never seen.
  if (isNews) await redis.run(noteScript, { keys: { home: redis.keys.pool.home(hostId) }, argv: { seen } });
  return status;
}
