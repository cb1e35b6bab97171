import type { Grant, HostBook, Tolerances } from './books.js';
import { settleMs } from './settle.js';
import { describeBeats, describeGrant, describeHost, type Violation } from './violation.js';

/** Scripts see whole milliseconds. */
const ROUNDING_MS = 2;

/** The last moment at which a heartbeat can have taken effect before a match was answered. */
function lastSignMs({ beats }: HostBook, { receivedAtMs }: Grant): number {
  return beats.reduce(
    (last, { sentAtMs, endedAtMs = Infinity }) =>
      sentAtMs < receivedAtMs ? Math.max(last, endedAtMs) : last,
    -Infinity,
  );
}

/**
 * Since when a streaming host was out of its room, if it was during the whole of a request, and was seen there before:
 * the pool must know that it was there, and not have forgotten.
 */
function awaySinceMs(host: HostBook, grant: Grant, times: Tolerances): number | undefined {
  const before = host.stays.filter(({ soughtMs }) => soughtMs < grant.receivedAtMs);
  const lastMs = Math.max(...before.map(({ toMs = Infinity }) => toMs));
  const seen = before.filter((stay) => (stay.toMs ?? Infinity) - stay.fromMs > settleMs(host, stay, times));
  const seenUntilMs = seen.at(-1)?.toMs;
  if (seenUntilMs === undefined || lastMs >= grant.sentAtMs) return undefined;
  return mayBeForgotten(host, seenUntilMs, grant, times) ? undefined : lastMs;
}

/** Whether a host may have been silent for its TTL since a moment: then the pool forgot that it ever was in its room. */
function mayBeForgotten(
  { beats }: HostBook,
  sinceMs: number,
  grant: Grant,
  { hostTtlMs }: Tolerances,
): boolean {
  const signs = beats.filter(({ sentAtMs }) => sentAtMs < grant.receivedAtMs);
  return signs.some(({ sentAtMs }, at) => {
    const nextMs = signs[at + 1]?.endedAtMs ?? grant.receivedAtMs;
    return nextMs > sinceMs && nextMs - sentAtMs >= hostTtlMs;
  });
}

/** P3, P6: promises on hosts that were dead for certain when the client asked, or out of their room. */
export function deadHosts(host: HostBook, times: Tolerances): Violation[] {
  return host.grants.flatMap((grant): Violation[] => {
    const { hostId } = host;
    const atMs = grant.receivedAtMs;
    const words = `${describeHost(host)}; last heartbeats ${describeBeats(host, atMs)}:\n    ${describeGrant(grant)}`;
    const silentMs = grant.sentAtMs - lastSignMs(host, grant);
    if (silentMs > times.hostTtlMs + ROUNDING_MS) {
      return [{ promise: 'P3', atMs, hostId, evidence: `silent for ${Math.round(silentMs)} ms: ${words}` }];
    }
    const awayMs = grant.sentAtMs - (awaySinceMs(host, grant, times) ?? Infinity);
    if (host.kind !== 'streaming' || awayMs <= times.inFlightMs) return [];
    return [
      { promise: 'P6', atMs, hostId, evidence: `out of its room for ${Math.round(awayMs)} ms: ${words}` },
    ];
  });
}
