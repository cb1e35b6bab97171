import type { RedisConnection } from '../connection/connection.js';
import { regionKeys } from './keys.js';
import type { Regions } from './regions.js';
import { listScript } from './scripts.js';
import type { HostStatus } from './types.js';

/** A living host as an operator sees it. */
export interface ListedHost {
  readonly hostId: string;
  readonly region: string;
  readonly roomId: string;
  readonly address?: string;
  readonly status: HostStatus;
  readonly capacity: number;
  /** Slots free by the host's own count. */
  readonly availableSlots: number;
  /** Slots that can be promised now. */
  readonly free: number;
  /** Seats promised and not taken up yet. */
  readonly leases: number;
  readonly sessions: number;
  /** End of its TTL, milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Time left until then. */
  readonly ttlMs: number;
  /** Last heartbeat, milliseconds since 1970. */
  readonly lastSeen: number;
}

/** A page of hosts, and where the next one begins; no cursor on the last. */
export interface ListPage {
  readonly hosts: readonly ListedHost[];
  readonly cursor?: string;
}

/** Where a page begins: in a region, after a host that was due at a time. */
interface ListPosition {
  readonly region: string;
  readonly fromMs: number;
  readonly fromId: string;
}

/** The fields of a host's record (`lua/shared/pool.lua`) that a list shows. */
interface HostRecord {
  readonly roomId: string;
  readonly address: string | false;
  readonly status: HostStatus;
  readonly capacity: number;
  readonly reported: number;
  readonly free: number;
  readonly leased: number;
  readonly sessions: number;
}

/** Read what the script `pool-list` returned for one region. */
function decodeHosts(region: string, [, now, ...flat]: readonly string[], hostTtlMs: number): ListedHost[] {
  const hosts: ListedHost[] = [];
  for (let at = 0; at + 2 < flat.length; at += 3) {
    const record = JSON.parse(flat[at + 2] ?? '') as HostRecord;
    const expiresAtMs = Number(flat[at + 1]);
    hosts.push({
      hostId: flat[at] ?? '',
      region,
      roomId: record.roomId,
      ...(record.address && { address: record.address }),
      status: record.status,
      capacity: record.capacity,
      availableSlots: record.reported,
      free: record.free,
      leases: record.leased,
      sessions: record.sessions,
      expiresAtMs,
      ttlMs: expiresAtMs - Number(now),
      lastSeen: expiresAtMs - hostTtlMs,
    });
  }
  return hosts;
}

function encodeCursor({ region, fromMs, fromId }: ListPosition): string {
  return Buffer.from(JSON.stringify([region, fromMs, fromId])).toString('base64url');
}

/** Undefined for a text that is no cursor of ours. */
function decodeCursor(cursor: string): ListPosition | undefined {
  try {
    const [region, fromMs, fromId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof region !== 'string' || typeof fromMs !== 'number' || typeof fromId !== 'string')
      return undefined;
    return Number.isSafeInteger(fromMs) ? { region, fromMs, fromId } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Living hosts, region after region in the order of their names.
 * @returns undefined for a cursor that is not ours
 */
export async function listPage(
  redis: RedisConnection,
  regions: Regions,
  { cursor, limit, hostTtlMs }: { cursor: string | undefined; limit: number; hostTtlMs: number },
): Promise<ListPage | undefined> {
  const start = cursor === undefined ? { region: '', fromMs: 0, fromId: '' } : decodeCursor(cursor);
  if (!start) return undefined;
  const names = (await regions.read()).map(({ region }) => region).toSorted();
  const hosts: ListedHost[] = [];
  for (const region of names.filter((name) => name >= start.region)) {
    const { fromMs, fromId } = region === start.region ? start : { fromMs: 0, fromId: '' };
    const answer = (await redis.run(listScript, {
      keys: regionKeys(redis.keys, region),
      argv: { fromMs, fromId, limit: limit - hosts.length },
    })) as string[];
    hosts.push(...decodeHosts(region, answer, hostTtlMs));
    const last = hosts.at(-1);
    if (hosts.length < limit || !last) continue;
    return {
      hosts,
      cursor: encodeCursor({ region: last.region, fromMs: last.expiresAtMs, fromId: last.hostId }),
    };
  }
  return { hosts };
}
