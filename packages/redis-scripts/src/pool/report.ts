import type { HostReport } from './types.js';

/** What the scripts of a heartbeat answer for a known host: whether to ask its room, and to refresh its other keys. */
export type BeatReply = readonly ['ok', bind: 0 | 1, refresh: 0 | 1];

/** What a pool adds to a host's report: its times, and whether it can ask signaling who is in a room. */
interface PoolTerms {
  readonly hostTtlMs: number;
  readonly leaseTtlMs: number;
  readonly canBind: boolean;
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
    players: report.rooms ? report.rooms.reduce((sum, { players }) => sum + players, 0) : -1,
    hostTtlMs,
    leaseTtlMs,
    canBind: canBind ? 1 : 0,
  };
}

export type ReportArguments = ReturnType<typeof reportArguments>;
