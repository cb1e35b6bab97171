import { decodeHeld, decodeMembers, decodePresence } from './decode.js';
import type { Gap, Kept, V1Entered } from './v1-types.js';

/** A user as scripts and entries carry it: URL-encoded behind an `@`; `-` for none. */
export function encodeUser(userId: string | undefined): string {
  return userId === undefined ? '-' : `@${encodeURIComponent(userId)}`;
}

/** @returns undefined for none */
export function decodeUser(user: string): string | undefined {
  return user === '-' ? undefined : decodeURIComponent(user.slice(1));
}

function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) found.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return found;
}

/** One message of the backlog: its index, sender, number and audience; then its text. */
function decodeKept(kept: string): Kept {
  const end = kept.indexOf('\n');
  const [index = '0', from = '', n = '0', to = '-'] = kept.slice(0, end).split(' ');
  return { index: Number(index), from, n: Number(n), text: kept.slice(end + 1), ...(to !== '-' && { to }) };
}

function decodeGap([field, value]: [string, string]): Gap {
  const [from = '', to = '-'] = field.split(' ');
  const [n = '0', index = '0'] = value.split(' ');
  return { from, ...(to !== '-' && { to }), n: Number(n), index: Number(index) };
}

interface Session {
  readonly u: string;
  readonly s: number;
  readonly j: number;
}

/** What `room-v1-enter` answers about whoever entered. */
export function decodeEntered(roomId: string, memberIds: readonly string[], answer: unknown[]): V1Entered {
  const [outcome, seq, members, held, host, version, facts, v1, gaps, backlog, chats, isWhole] = answer as [
    'joined' | 'resumed',
    string,
    string[],
    string[],
    unknown,
    unknown,
    unknown,
    string[],
    string[],
    string[],
    string[],
    number,
  ];
  const fields = new Map(pairs(v1));
  const sessionOf = (id: string) => JSON.parse(fields.get(`m ${id}`) ?? '{}') as Partial<Session>;
  const all = decodeMembers(members);
  const users = new Map<string, string>();
  for (const { memberId } of all) {
    const userId = decodeUser(sessionOf(memberId).u ?? '-');
    if (userId !== undefined) users.set(memberId, userId);
  }
  const memberId = memberIds[outcome === 'resumed' ? 1 : 0] ?? '';
  const presence = decodePresence(roomId, [host, version, facts]);
  return {
    outcome,
    seq: Number(seq),
    members: all,
    held: held.map(decodeHeld),
    users,
    received: Number(fields.get(`n ${memberId}`) ?? 0),
    floor: sessionOf(memberId).j ?? 0,
    isWhole: isWhole === 1,
    since: sessionOf(memberId).s ?? 0,
    gaps: pairs(gaps).map(decodeGap),
    backlog: backlog.map(decodeKept),
    chats,
    ...(presence && { presence }),
  };
}
