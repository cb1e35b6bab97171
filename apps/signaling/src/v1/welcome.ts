import type { ChatSaid } from '@parley/protocol';
import type { V1Entered } from '@parley/redis-scripts';
import { isFinished } from './audience.js';
import type { Peer } from './newcomer.js';
import { replay } from './replay.js';
import type { V1Member } from './v1-member.js';

/** What a newcomer is told of its room. */
interface Surroundings {
  readonly roomId: string;
  readonly graceMs: number;
  readonly peers: readonly Peer[];
}

/**
 * Say who is here, and hand over what was missed.
 * @returns whether it missed nothing; undefined if it has not been here before
 */
export function welcome(
  member: V1Member,
  entered: V1Entered,
  { roomId, graceMs, peers }: Surroundings,
): boolean | undefined {
  const { outcome, received, chats, isWhole } = entered;
  const isBack = outcome === 'resumed';
  const wasHere = member.returning !== undefined;
  const seen = member.returning?.seen ?? {};
  const { recovered, missed } = replay(entered, member, isBack ? seen : {});
  member.returning = undefined;
  member.sent = received;
  member.floor = entered.floor;
  // Who has missed nothing has them already, or is about to get them.
  const isComing = new Set(missed.map(({ from, n }) => `${from} ${n}`));
  const history = (isBack && recovered ? [] : chats)
    .map((text) => JSON.parse(text) as ChatSaid)
    .filter(({ from, seq }) => !isBack || !isComing.has(`${from} ${seq}`));
  member.tell({
    type: 'welcome',
    memberId: member.id,
    roomId,
    resumeToken: member.resumeToken,
    recovered: isBack && recovered,
    ...((!isBack || isWhole) && { received }),
    resumeGraceMs: graceMs,
    ...(member.userId !== undefined && { userId: member.userId }),
    members: peers.map(({ memberId, userId, isAway }) => ({
      memberId,
      ...(userId !== undefined && { userId }),
      ...(isAway && { away: true as const }),
    })),
    ...(history.length > 0 && { history }),
  });
  if (!isBack) return wasHere ? false : undefined;
  const present = new Set(peers.map(({ memberId }) => memberId));
  for (const [from, n] of Object.entries(seen)) member.take(from, n);
  for (const { from, n, text, to } of missed) {
    if (isFinished(to)) member.deliverFinished(from, n, text);
    else member.deliver(from, n, text);
  }
  const gone = new Set(
    missed.map(({ from }) => from).filter((from) => from !== member.id && !present.has(from)),
  );
  for (const from of gone) member.tellGone(from);
  return recovered;
}
