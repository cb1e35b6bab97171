import type { Sweep } from './sweep.js';
import { describeHost } from './violation.js';
import type { World } from './world.js';

/** A larger share of requests without a proper answer says that something else is wrong. */
const UNANSWERED_SHARE_MAX = 0.01;

/** Why kept promises would mean little: a pool that does nothing breaks none. */
export function doubts(
  { books, findMs, heartbeatMs, hosts }: World,
  { found, slots, missed }: Sweep,
): string[] {
  const beats = [...hosts.values()].flatMap(({ book }) => book.beats);
  const failed = beats.filter(({ ok }) => ok === false).length;
  const lost = books.lostFinds.length;
  return [
    ...(books.grants === 0 ? ['there was not a single match'] : []),
    ...(found === slots
      ? []
      : [
          `at the end, ${found} of ${slots} slots could be found, not all of ${missed.map(describeHost).join(', ')}`,
        ]),
    ...(failed > heartbeatMs.length * UNANSWERED_SHARE_MAX ? [`${failed} heartbeats failed`] : []),
    ...(lost > findMs.length * UNANSWERED_SHARE_MAX ? [`${lost} requests for a match failed`] : []),
  ];
}
