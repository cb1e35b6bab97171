import type { Beat, Grant, HostBook, Tolerances } from './books.js';
import type { Hold } from './holds.js';

// What the pool may rightly believe to be taken on a host, from what it can have been told: the most of it.

/** A streaming host: its leases, and who was seen in its room. */
function streamingHolds(host: HostBook, times: Tolerances): Hold[] {
  return host.grants.map((grant) => {
    const leaseEndMs = grant.expiresAtMs + times.clockSkewMs;
    const { arrivedAtMs = Infinity, mayHaveCome, leftAtMs = Infinity, seats, sentAtMs: fromMs } = grant;
    if (arrivedAtMs === Infinity && !mayHaveCome) return { fromMs, toMs: leaseEndMs, seats };
    const knownGoneMs = Math.max(leftAtMs + times.inFlightMs, reportedGoneMs(host, leftAtMs));
    // One that came and went before the pool heard of it did not take its lease up.
    const wasSeen = leftAtMs - arrivedAtMs > times.inFlightMs;
    return { fromMs, toMs: wasSeen ? knownGoneMs : Math.max(knownGoneMs, leaseEndMs), seats };
  });
}

/** When a host that tells the truth said that nobody is left. */
function reportedGoneMs({ says, beats }: HostBook, leftAtMs: number): number {
  if (says === 'idle') return -Infinity;
  return (
    beats.find(({ ok, sentAtMs, players }) => ok && sentAtMs >= leftAtMs && players === 0)?.endedAtMs ??
    Infinity
  );
}

/** Players of game servers, as they told them; between two reports both may hold. */
function reportedPlayers(beats: readonly Beat[]): Hold[] {
  return beats
    .map(({ sentAtMs, players }, at) => {
      const next = beats.slice(at + 1).find(({ ok }) => ok);
      return { fromMs: sentAtMs, toMs: next?.endedAtMs ?? Infinity, seats: players };
    })
    .filter(({ seats }) => seats > 0);
}

/**
 * Leases of a game server. Reports tell how many players there are, not which: each one more takes up a seat of the
 * oldest lease, so where one leaves and another comes between two reports, a lease stands until it expires.
 */
function leaseHolds({ grants, beats }: HostBook, times: Tolerances): Hold[] {
  const holds: Hold[] = [];
  const open: (Grant & { left: number })[] = [];
  const waiting = grants.toSorted((a, b) => a.expiresAtMs - b.expiresAtMs);
  let before = 0;
  for (const { ok, players, sentAtMs, endedAtMs = Infinity } of beats) {
    if (!ok) continue;
    while (waiting[0] && waiting[0].receivedAtMs <= endedAtMs) {
      const grant = waiting.shift() as Grant;
      open.push({ ...grant, left: grant.seats });
    }
    let rise = players - before;
    before = players;
    for (const lease of open) {
      if (rise <= 0) break;
      // One that was just expiring may have been the one.
      if (lease.left === 0 || lease.expiresAtMs < sentAtMs - times.clockSkewMs) continue;
      const seats = Math.min(rise, lease.left);
      holds.push({ fromMs: lease.sentAtMs, toMs: endedAtMs, seats });
      lease.left -= seats;
      rise -= seats;
    }
  }
  const standing = [...open, ...waiting.map((grant) => ({ ...grant, left: grant.seats }))];
  for (const { left, sentAtMs, expiresAtMs } of standing) {
    if (left > 0) holds.push({ fromMs: sentAtMs, toMs: expiresAtMs + times.clockSkewMs, seats: left });
  }
  return holds;
}

/** Everything that the pool may count as taken on a host. */
export function possibleHolds(host: HostBook, times: Tolerances): Hold[] {
  return host.kind === 'streaming'
    ? streamingHolds(host, times)
    : [...reportedPlayers(host.beats), ...leaseHolds(host, times)];
}
