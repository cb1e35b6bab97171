import type { RelayedMessage } from './types.js';

// Entries of a room's channel and log: lines of text. The first is the entry's number, the second its kind. JSON
// keeps its line breaks escaped, so a message is one line and needs no second encoding.

/** What happened in a room, in the order in which it happened to all its subscribers. */
export type Entry =
  | {
      readonly kind: 'messages';
      readonly seq: number;
      readonly instanceId: string;
      readonly messages: RelayedMessage[];
    }
  | {
      readonly kind: 'joined';
      readonly seq: number;
      readonly instanceId: string;
      readonly memberIds: string[];
    }
  | { readonly kind: 'left'; readonly seq: number; readonly memberIds: string[] }
  /** A member that speaks `parley.v1` joined or came back. */
  | {
      readonly kind: 'entered';
      readonly seq: number;
      readonly instanceId: string;
      readonly memberId: string;
      /** `@` and its user, URL-encoded; `-` for none. */
      readonly user: string;
      readonly isBack: boolean;
    }
  /** Members that may come back within `leftMs`. */
  | { readonly kind: 'away'; readonly seq: number; readonly leftMs: number; readonly memberIds: string[] };

/** In place of an instance in entries that no member sent; their senders are heard of once. */
export const ANNOUNCER = 'announcement';

/** In place of an instance, before its name: messages of it are lost that members elsewhere should have got. */
const LOSER = '!';

/** Whether an entry says that another instance has lost messages. */
export function isLossElsewhere({ instanceId }: { readonly instanceId: string }, ownId: string): boolean {
  return instanceId.startsWith(LOSER) && instanceId !== LOSER + ownId;
}

/** What `room-send` publishes after the entry's number. */
export function encodeMessages(instanceId: string, messages: readonly RelayedMessage[]): string {
  let body = `m\n${instanceId}`;
  for (const { from, n, text, to } of messages) {
    body += to === undefined ? `\n${from} ${n}\n${text}` : `\n${from} ${n} ${to}\n${text}`;
  }
  return body;
}

/** An entry's number. */
export function entrySeq(entry: string): number {
  return Number(entry.slice(0, entry.indexOf('\n')));
}

/** Whether an entry carries messages that this instance published itself; cheaper than decoding it. */
export function isOwnMessages(entry: string, instanceId: string): boolean {
  const kindAt = entry.indexOf('\n') + 1;
  return entry.startsWith('m\n', kindAt) && entry.startsWith(`${instanceId}\n`, kindAt + 2);
}

/** @throws on text that none of our scripts wrote */
export function decodeEntry(entry: string): Entry {
  const [number, kind, ...lines] = entry.split('\n');
  const seq = Number(number);
  const [first = '', ...rest] = lines;
  if (kind === 'm') return { kind: 'messages', seq, instanceId: first, messages: decodeMessages(lines) };
  if (kind === 'j') return { kind: 'joined', seq, instanceId: first, memberIds: rest };
  if (kind === 'l') return { kind: 'left', seq, memberIds: lines };
  if (kind === 'a') return { kind: 'away', seq, leftMs: Number(first), memberIds: rest };
  if (kind === 'e') return decodeEntered(seq, first, rest[0] ?? '');
  throw new Error(`unknown kind of room entry: ${kind}`);
}

function decodeEntered(seq: number, instanceId: string, line: string): Entry {
  const [memberId = '', user = '-', isBack] = line.split(' ');
  return { kind: 'entered', seq, instanceId, memberId, user, isBack: isBack === '1' };
}

function decodeMessages(lines: readonly string[]): RelayedMessage[] {
  const messages: RelayedMessage[] = [];
  for (let i = 1; i + 1 < lines.length; i += 2) {
    const head = lines[i] ?? '';
    const space = head.indexOf(' ');
    const next = head.indexOf(' ', space + 1);
    const [from, text] = [head.slice(0, space), lines[i + 1] ?? ''];
    if (next < 0) messages.push({ from, n: Number(head.slice(space + 1)), text });
    else messages.push({ from, n: Number(head.slice(space + 1, next)), text, to: head.slice(next + 1) });
  }
  return messages;
}
