import type { Evidence, Membership, Presence, RelayedMessage } from './types.js';

// What the scripts of rooms answer, turned into types.

/** `HGETALL` of a room's members, in the order in which they joined. */
export function decodeMembers(flat: readonly string[]): Membership[] {
  const members: Membership[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [instanceId = '', evidence = 'none', order = '0'] = (flat[i + 1] ?? '').split(' ');
    members.push({
      memberId: flat[i] ?? '',
      instanceId,
      evidence: evidence as Evidence,
      order: Number(order),
    });
  }
  return members.toSorted((a, b) => a.order - b.order);
}

/** A held message: the time it was sent, its sender and number, its text; one a line but for the first two. */
export function decodeHeld(held: string): RelayedMessage {
  const [, head = '', text = ''] = held.split('\n');
  const [from = '', n = '0'] = head.split(' ');
  return { from, n: Number(n), text };
}

/** The last three values of a script's answer: the binding or nothing, the version, the members. */
export function decodePresence(
  roomId: string,
  [host, version, facts]: readonly unknown[],
): Presence | undefined {
  if (typeof host !== 'string' || host === '') return undefined;
  const { region, hostId } = JSON.parse(host) as { region: string; hostId: string };
  const members = decodeMembers(facts as string[]).map(({ memberId, evidence }) => ({ memberId, evidence }));
  return { region, hostId, roomId, version: Number(version), members };
}
