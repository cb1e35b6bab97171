import { ANNOUNCER, type Entry } from '@parley/redis-scripts';
import type { Member } from '../member/member.js';
import { hand } from '../v1/audience.js';

/**
 * Hand a member what an entry carries for it.
 * @param gone members of which nothing is to come any more
 */
export function deliverEntry(
  member: Member,
  entry: Extract<Entry, { kind: 'messages' }>,
  gone?: ReadonlySet<string>,
): void {
  if (entry.seq <= member.joinedAtSeq) return;
  for (const message of entry.messages) {
    const { from, n, text, to } = message;
    if (gone?.has(from)) continue;
    if (entry.instanceId === ANNOUNCER) member.socket.send(text);
    else if (to === undefined) member.deliver(from, n, text);
    else hand(member, message, text);
  }
}
