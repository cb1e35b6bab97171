import type { Books, Tolerances } from './books.js';
import { deadHosts } from './dead-hosts.js';
import { isLate } from './holds.js';
import { overCapacity } from './over-capacity.js';
import { wrongRefusals } from './refusals.js';
import type { Violation } from './violation.js';

/** What the books say of the pool. */
export interface Judgement {
  /** In the order in which they happened. */
  readonly violations: readonly Violation[];
  /** Clients that came, or were heard of, after their lease had expired; their hosts are not judged for a while. */
  readonly late: number;
}

/** Hold what was written down against the promises P1–P6. Counts only what is certain, whatever was in flight. */
export function judge(books: Books, times: Tolerances): Judgement {
  const hosts = [...books.hosts.values()];
  const violations = [
    ...hosts.flatMap((host) => [...overCapacity(host, times), ...deadHosts(host, times)]),
    ...wrongRefusals(books, times),
  ];
  const late = hosts.reduce(
    (sum, host) => sum + host.grants.filter((grant) => isLate(host, grant, times)).length,
    0,
  );
  return { violations: violations.toSorted((a, b) => a.atMs - b.atMs), late };
}
