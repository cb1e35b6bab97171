import type { HostReport } from './types.js';

/** What the scripts of a heartbeat answer for a known host: whether to ask its room, and to refresh its other keys. */
export type BeatReply = readonly ['ok', bind: 0 | 1, refresh: 0 | 1];

/** What a pool adds to a host's report: its times, and whether it can ask signaling who is in a room. */
interface PoolTerms {
  readonly hostTtlMs: number;
  readonly leaseTtlMs: number;
  readonly canBind: boolean;
}

/**
 * What the rooms of a report take of its slots. In the host's own room each player has one; any other room has one as
 * long as somebody is there. One that nobody has come to yet is held by its lease.
 */
function roomCounts({ roomId: own, rooms }: HostReport): { told: number; opened: number } {
  if (!rooms) return { told: -1, opened: 0 };
  const sessions = rooms.map(({ roomId, players }) => (roomId === own ? players : Math.min(1, players)));
  const opened = rooms.filter(({ roomId, players }) => roomId !== own && players === 0);
  return { told: sessions.reduce((sum, count) => sum + count, 0), opened: opened.length };
}

/** A heartbeat as its scripts take it. */
export function reportArguments(report: HostReport, { hostTtlMs, leaseTtlMs, canBind }: PoolTerms) {
  return {
    hostId: report.hostId,
    roomId: report.roomId,
    address: report.address ?? '',
    status: report.status,
    capacity: report.capacity,
    reported: report.availableSlots,
    ...roomCounts(report),
    hostTtlMs,
    leaseTtlMs,
    canBind: canBind ? 1 : 0,
  };
}

export type ReportArguments = ReturnType<typeof reportArguments>;
