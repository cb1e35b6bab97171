import type { Grant, HostBook, Tolerances } from './books.js';

/** A stretch of time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch in which seats of a host are taken. */
export interface Hold extends Span {
  readonly seats: number;
}

/** Whether the pool was told that a client came before its lease expired. */
function toldInTime(host: HostBook, grant: Grant, times: Tolerances): boolean {
  const { arrivedAtMs = Infinity, expiresAtMs } = grant;
  const deadline = expiresAtMs - times.clockSkewMs;
  if (host.kind === 'streaming') return arrivedAtMs + times.inFlightMs <= deadline;
  return host.beats.some(
    ({ ok, sentAtMs, endedAtMs = Infinity }) => ok && sentAtMs >= arrivedAtMs && endedAtMs <= deadline,
  );
}

/** Whether a client came, or was heard of, only after its lease had expired: then its slot may have been given away. */
export function isLate(host: HostBook, grant: Grant, times: Tolerances): boolean {
  const { arrivedAtMs, mayHaveCome, leavingAtMs = Infinity, expiresAtMs } = grant;
  if (arrivedAtMs === undefined && !mayHaveCome) return false;
  return leavingAtMs > expiresAtMs - times.clockSkewMs && !toldInTime(host, grant, times);
}

/** When a client held its slot for certain: from the answer until it began to leave, or its lease was left to expire. */
export function certainHold(host: HostBook, grant: Grant, times: Tolerances): Hold {
  const { receivedAtMs, expiresAtMs, arrivedAtMs, mayHaveCome, leavingAtMs = Infinity, seats } = grant;
  const leaseEndMs = expiresAtMs - times.clockSkewMs;
  const isSession = arrivedAtMs !== undefined && !isLate(host, grant, times);
  const endMs = mayHaveCome ? Math.min(leavingAtMs, leaseEndMs) : leaseEndMs;
  return { fromMs: receivedAtMs, toMs: isSession ? leavingAtMs : endMs, seats };
}

/**
 * When nothing can be said of a host: a client that came too late is counted where it was not promised a slot any more,
 * and may take up the lease of another one.
 */
export function unjudged(host: HostBook, times: Tolerances): Span[] {
  return host.grants
    .filter((grant) => isLate(host, grant, times))
    .map(({ expiresAtMs, leftAtMs = Infinity }) => ({
      fromMs: expiresAtMs - times.clockSkewMs,
      toMs: leftAtMs + times.leaseTtlMs + times.beatMs + times.inFlightMs,
    }));
}

export function overlaps(a: Span, b: Span): boolean {
  return a.fromMs < b.toMs && b.fromMs < a.toMs;
}
