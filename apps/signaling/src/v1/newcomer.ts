import { decodeUser, type Entry, type V1Entered } from '@parley/redis-scripts';
import type { Users } from './users.js';

/** Another member, as a newcomer is told of it. */
export interface Peer {
  readonly memberId: string;
  readonly userId: string | undefined;
  readonly isAway: boolean;
}

/** What a room knows of its members. */
interface Known {
  readonly users: Users;
  readonly away: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/**
 * Who is there when a member comes in.
 * @param later what happened while it came, in its order
 */
export function peersOf(
  newcomerId: string,
  { members }: V1Entered,
  later: readonly Entry[],
  { users, away, gone }: Known,
): Peer[] {
  const peers = new Set(members.map(({ memberId }) => memberId));
  for (const entry of later) {
    if (entry.kind === 'joined') for (const memberId of entry.memberIds) peers.add(memberId);
    if (entry.kind !== 'entered') continue;
    peers.add(entry.memberId);
    users.add(entry.memberId, decodeUser(entry.user));
  }
  peers.delete(newcomerId);
  return [...peers]
    .filter((memberId) => !gone.has(memberId))
    .map((memberId) => ({ memberId, userId: users.of(memberId), isAway: away.has(memberId) }));
}
