import type { RelayedMessage, V1Entered } from '@parley/redis-scripts';
import { isFor } from './audience.js';

/** Who resumes. */
interface Returned {
  readonly id: string;
  readonly userId: string | undefined;
}

/** What a member that resumes missed, in the order of each sender; and whether that is all (S4). */
export function replay(
  entered: Pick<V1Entered, 'isWhole' | 'since' | 'gaps' | 'backlog'>,
  who: Returned,
  seen: Readonly<Record<string, number>>,
): { recovered: boolean; missed: RelayedMessage[] } {
  const seenOf = (from: string) => (Object.hasOwn(seen, from) ? (seen[from] ?? 0) : 0);
  const isMissing = entered.gaps.some(
    (gap) => gap.index > entered.since && gap.n > seenOf(gap.from) && isFor(who, gap),
  );
  const missed = entered.backlog.filter(
    (kept) => kept.index > entered.since && kept.n > seenOf(kept.from) && isFor(who, kept),
  );
  return { recovered: entered.isWhole && !isMissing, missed: inOrder(missed) };
}

/**
 * Put each sender's messages in order, each once, at the places where that sender's stand: an instance writes out late
 * what it had kept to itself, and a write whose answer was lost is done again.
 */
function inOrder(messages: readonly RelayedMessage[]): RelayedMessage[] {
  const bySender = new Map<string, Map<number, RelayedMessage>>();
  for (const message of messages) {
    const those = bySender.get(message.from) ?? new Map<number, RelayedMessage>();
    bySender.set(message.from, those.set(message.n, message));
  }
  const next = new Map(
    [...bySender].map(([from, those]) => [from, [...those.values()].toSorted((a, b) => a.n - b.n).values()]),
  );
  return messages.flatMap(({ from }) => next.get(from)?.next().value ?? []);
}
