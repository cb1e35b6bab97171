import type { Books, HostBook, Refusal, Tolerances } from './books.js';
import { overlaps, unjudged, type Hold, type Span } from './holds.js';
import { possibleHolds } from './occupancy.js';
import { settleMs } from './settle.js';
import { describeBeats, describeHost, type Violation } from './violation.js';

/** A host, and what of it may be taken when. */
interface Timeline {
  readonly host: HostBook;
  readonly holds: readonly Hold[];
  readonly skipped: readonly Span[];
}

/** Most seats that may be taken at once within a span. */
export function mostTaken(holds: readonly Hold[], span: Span): number {
  const relevant = holds.filter((hold) => overlaps(hold, span));
  const starts = [span.fromMs, ...relevant.map(({ fromMs }) => fromMs).filter((at) => at > span.fromMs)];
  return Math.max(
    ...starts.map((at) =>
      relevant.reduce((sum, { fromMs, toMs, seats }) => (fromMs <= at && at < toMs ? sum + seats : sum), 0),
    ),
  );
}

/** Whether a host lived for certain during a span. */
function lives({ beats }: HostBook, { fromMs, toMs }: Span, { hostTtlMs, clockSkewMs }: Tolerances): boolean {
  return beats.some(
    ({ ok, sentAtMs, endedAtMs = Infinity }) =>
      ok && endedAtMs <= fromMs && sentAtMs + hostTtlMs - clockSkewMs > toMs,
  );
}

/** Whether the pool must have known during a whole span that a host is there. */
function isThere(host: HostBook, { fromMs, toMs }: Span, times: Tolerances): boolean {
  return host.stays.some(
    (stay) => stay.fromMs + settleMs(host, stay, times) <= fromMs && (stay.toMs ?? Infinity) > toMs,
  );
}

/** Seats that nobody knows of, because answers were lost: they may be anywhere. */
function lostSeats({ lostFinds }: Books, span: Span, { leaseTtlMs, clockSkewMs }: Tolerances): number {
  return lostFinds
    .filter(({ sentAtMs, endedAtMs }) =>
      overlaps({ fromMs: sentAtMs, toMs: endedAtMs + leaseTtlMs + clockSkewMs }, span),
    )
    .reduce((sum, { seats }) => sum + seats, 0);
}

function freeDuring(
  { host, holds, skipped }: Timeline,
  refusal: Refusal,
  span: Span,
  times: Tolerances,
): number {
  const eligible = host.kind === refusal.kind && (refusal.regions?.includes(host.region) ?? true);
  if (!eligible || !isThere(host, span, times) || !lives(host, span, times)) return 0;
  if (skipped.some((each) => overlaps(each, span))) return 0;
  return host.slots - mostTaken(holds, span);
}

/** P4: refusals while one host had the seats free, as far as the pool could know, for as long as the request took. */
export function wrongRefusals(books: Books, times: Tolerances): Violation[] {
  const timelines = [...books.hosts.values()].map((host) => ({
    host,
    holds: possibleHolds(host, times),
    skipped: unjudged(host, times),
  }));
  return books.refusals.flatMap((refusal) => {
    const span = { fromMs: refusal.sentAtMs, toMs: refusal.receivedAtMs };
    const wanted = refusal.seats + lostSeats(books, span, times);
    const free = timelines.filter((timeline) => freeDuring(timeline, refusal, span, times) >= wanted);
    const [first] = free;
    if (!first) return [];
    const where = refusal.regions?.join(', ') ?? 'any region';
    const evidence =
      `${refusal.clientId} asked for ${refusal.seats} seat(s), ${refusal.kind}, ${where}, ` +
      `${(span.fromMs / 1_000).toFixed(3)}–${(span.toMs / 1_000).toFixed(3)} s, while free on ${free.length} host(s), ` +
      `such as ${describeHost(first.host)}; its heartbeats ${describeBeats(first.host, span.toMs)}; ` +
      `taken there ${mostTaken(first.holds, span)}`;
    return [{ promise: 'P4', atMs: span.toMs, hostId: first.host.hostId, evidence } as const];
  });
}
