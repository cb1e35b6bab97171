import type { Grant, HostBook, Tolerances } from './books.js';
import { certainHold, unjudged } from './holds.js';
import { describeGrant, describeHost, type PromiseName, type Violation } from './violation.js';

function promiseOf(host: HostBook, grant: Grant, others: readonly Grant[]): PromiseName {
  if (grant.seats > 1) return 'P5';
  const inSession = others.some(({ arrivedAtMs = Infinity }) => arrivedAtMs < grant.sentAtMs);
  return host.says === 'idle' && inSession ? 'P2' : 'P1';
}

/** P1, P2, P5: slots that were promised although all were taken for certain when the answer came. */
export function overCapacity(host: HostBook, times: Tolerances): Violation[] {
  const holds = host.grants
    .map((grant) => ({ grant, hold: certainHold(host, grant, times) }))
    .filter(({ hold }) => hold.toMs > hold.fromMs);
  const skipped = unjudged(host, times);
  return holds.flatMap(({ grant, hold }) => {
    const atMs = hold.fromMs;
    const present = holds.filter((other) => other.hold.fromMs <= atMs && other.hold.toMs > atMs);
    const taken = present.reduce((sum, other) => sum + other.hold.seats, 0);
    if (taken <= host.slots || skipped.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)) return [];
    const others = present.map((other) => other.grant).filter((other) => other !== grant);
    const lines = [grant, ...others].map((each) => `\n    ${describeGrant(each)}`);
    return [
      {
        promise: promiseOf(host, grant, others),
        atMs,
        hostId: host.hostId,
        evidence: `${taken} seats taken of ${describeHost(host)}:${lines.join('')}`,
      },
    ];
  });
}
