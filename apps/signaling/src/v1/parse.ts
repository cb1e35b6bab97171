import { addressing, parseClientMessage, resume, roomService, type ClientMessage } from '@parley/protocol';
import type { z } from 'zod';

/** What a client of `parley.v1` said. */
export type V1Message =
  | {
      readonly kind: 'relayed';
      readonly type: ClientMessage['type'];
      /** What plain members get: without unknown fields, `to` and `seq`. */
      readonly text: string;
      readonly to: string | undefined;
      readonly seq: number | undefined;
    }
  | { readonly kind: 'chat'; readonly text: string; readonly seq: number | undefined }
  | {
      readonly kind: 'private';
      readonly toUser: string;
      readonly text: string;
      readonly seq: number | undefined;
    }
  | { readonly kind: 'typing'; readonly state: 'start' | 'stop' }
  | { readonly kind: 'resume' };

export type ParsedV1 =
  { readonly ok: true; readonly message: V1Message } | { readonly ok: false; readonly detail: string };

const SERVICES: ReadonlySet<unknown> = new Set(roomService.options.map(({ shape }) => shape.type.value));

/** Looser than JSON allows, but never missing one that is there: most messages have none. */
const MAY_BE_ADDRESSED = /"(?:to|seq|\\u)/;

function refused(detail: string): ParsedV1 {
  return { ok: false, detail };
}

function whyNot(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'not a message';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Read one text frame; undefined stands for a binary one. Never throws. */
export function parseV1Message(text: string | undefined): ParsedV1 {
  if (text === undefined) return refused('message: has to be text');
  if (!MAY_BE_ADDRESSED.test(text)) {
    const plain = parseClientMessage(text);
    if (plain.ok) return relayed(plain, {});
  }
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null) return refused('message: has to be a JSON object');
  if ('type' in value && SERVICES.has(value.type)) return service(value);
  return addressed(value);
}

function relayed(
  { type, text }: { readonly type: ClientMessage['type']; readonly text: string },
  { to, seq }: { to?: string | undefined; seq?: number | undefined },
): ParsedV1 {
  return { ok: true, message: { kind: 'relayed', type, text, to, seq } };
}

function service(value: object): ParsedV1 {
  const parsed = roomService.safeParse(value);
  if (!parsed.success) return refused(whyNot(parsed.error));
  const { data } = parsed;
  if (data.type === 'resume') return { ok: true, message: { kind: 'resume' } };
  if (data.type === 'typing') return { ok: true, message: { kind: 'typing', state: data.state } };
  if (data.type === 'chat') return { ok: true, message: { kind: 'chat', text: data.text, seq: data.seq } };
  const { toUser, text, seq } = data;
  return { ok: true, message: { kind: 'private', toUser, text, seq } };
}

function addressed(value: object): ParsedV1 {
  const parsed = addressing.safeParse(value);
  if (!parsed.success) return refused(whyNot(parsed.error));
  const { to: _to, seq: _seq, ...rest } = value as Record<string, unknown>;
  const plain = parseClientMessage(JSON.stringify(rest));
  return plain.ok ? relayed(plain, parsed.data) : refused(plain.detail);
}

/** The first message of a client that resumes. @returns undefined if it is something else */
export function readResume(text: string): Readonly<Record<string, number>> | undefined {
  const parsed = resume.safeParse(jsonOf(text));
  return parsed.success ? parsed.data.seen : undefined;
}
