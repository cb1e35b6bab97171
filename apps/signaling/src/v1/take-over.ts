import { setTimeout as delay } from 'node:timers/promises';
import type { RoomInside } from '../room/inside.js';
import type { V1Member } from './v1-member.js';

/** A member that another instance seems to have is asked for again after so many ms, and then taken over. */
const LET_GO_MS = [20, 40, 80, 160, 300, 400];

/**
 * Ask whoever has a member that resumes to let go of it. After the last attempt, or where nobody listens, it is taken over.
 * @param attempt the first one is 0
 */
export async function letGo(
  { id, context, instanceId }: RoomInside,
  member: V1Member,
  attempt: number,
): Promise<void> {
  const memberId = member.returning?.memberId ?? '';
  const waitMs = LET_GO_MS[attempt];
  let isHeard = waitMs !== undefined;
  if (isHeard && member.holder === instanceId) context.release(id, memberId);
  else if (isHeard) isHeard = await context.ask(member.holder ?? '', takeOverRequest(id, memberId));
  if (isHeard) await delay(waitMs);
  else member.isForced = true;
}

/** What an instance asks another one: to let go of a member that resumes elsewhere. */
function takeOverRequest(roomId: string, memberId: string): string {
  return `takeover ${roomId} ${memberId}`;
}

/** @returns room and member; empty for anything else */
export function readRequest(request: string): [roomId: string, memberId: string] {
  const [verb, roomId = '', memberId = ''] = request.split(' ');
  return verb === 'takeover' ? [roomId, memberId] : ['', ''];
}
