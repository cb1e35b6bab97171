import { z } from 'zod';

/** Deepest nesting of what clients put into a message; parsers of hosts, and `JSON.stringify`, are recursive. */
export const NESTING_MAX = 32;

function isShallow(value: unknown, levels = NESTING_MAX): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1));
}

const TOO_DEEP = { error: `must not be nested deeper than ${NESTING_MAX}` };

/** Browsers send `null` where they mean "absent"; both are accepted and relayed as they came. */
const candidateFields = {
  candidate: z.string().nullable(),
  sdpMid: z.string().nullable().optional(),
  sdpMLineIndex: z.number().int().nullable().optional(),
  usernameFragment: z.string().nullable().optional(),
};

// `type` stands first in every schema: real hosts take the first textual "type" in the text for the message's type.
const offer = z.object({ type: z.literal('offer'), sdp: z.string() });
const answer = z.object({ type: z.literal('answer'), sdp: z.string() });
const candidate = z.object({ type: z.literal('candidate'), ...candidateFields });
/** What some hosts send for `candidate`: the candidate as a string, or nested as an object. */
const iceCandidate = z.object({
  type: z.literal('ice-candidate'),
  ...candidateFields,
  candidate: z.union([z.string(), z.object(candidateFields)]).nullable(),
});
const control = z.object({
  type: z.literal('control'),
  action: z.string(),
  payload: z
    .unknown()
    .refine((payload) => isShallow(payload), TOO_DEEP)
    .optional(),
});
/** Application-level liveness between page and host; what else it carries is between those two. */
const ping = z.looseObject({ type: z.literal('ping') }).refine((message) => isShallow(message), TOO_DEEP);
const pong = z.looseObject({ type: z.literal('pong') }).refine((message) => isShallow(message), TOO_DEEP);

/** A message that a plain client may send; relayed to the other members without unknown fields (contract §1). */
export const clientMessage = z.discriminatedUnion('type', [
  offer,
  answer,
  candidate,
  iceCandidate,
  control,
  ping,
  pong,
]);
export type ClientMessage = z.output<typeof clientMessage>;

/** What the server itself tells plain members. */
export const serverMessages = {
  peerDisconnected: { type: 'peer-disconnected' },
  schemaError: { type: 'control', action: 'schema-error' },
  /** Some of the receiver's messages were dropped; told once in ten seconds. */
  rateLimited: { type: 'control', action: 'rate-limited' },
} as const;

/**
 * A message of a plain client, and its text to relay: without unknown fields, on one line, its `type` first. Often
 * that is the text as it came, and worth knowing: `isAsItCame`.
 */
export type ParsedMessage =
  | {
      readonly ok: true;
      readonly type: ClientMessage['type'];
      readonly text: string;
      readonly isAsItCame: boolean;
    }
  | { readonly ok: false; /** Where it is wrong, and why. */ readonly detail: string };

const NOT_JSON: ParsedMessage = { ok: false, detail: 'message: has to be a JSON object' };

function refused({ issues: [issue] }: z.ZodError): ParsedMessage {
  return {
    ok: false,
    detail: issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'not a message',
  };
}

/** How offers and answers begin where they are as browsers and `JSON.stringify` write them. */
const PLAIN_SESSIONS = (['offer', 'answer'] as const).map((type) => ({
  type,
  start: `{"type":"${type}","sdp":"`,
}));
const SESSION_END = '"}'.length;

/**
 * The type of a session that has nothing but its two fields, each once, if it is JSON at all: no quote stands between
 * the one that opens the last string and the one that ends it. Writing such a text anew would take longer than all
 * the rest of relaying it.
 */
function plainSession(text: string): 'offer' | 'answer' | undefined {
  for (const { type, start } of PLAIN_SESSIONS) {
    if (text.startsWith(start)) {
      return text.indexOf('"', start.length) === text.length - SESSION_END ? type : undefined;
    }
  }
  return undefined;
}

/** A JSON string of printable ASCII without escapes. */
const PLAIN_STRING = String.raw`"[\x20\x21\x23-\x5b\x5d-\x7e]*"`;

/**
 * A candidate as pages write it: such strings, and nothing else in it. It is valid JSON and in the order of the schema,
 * so nothing is left to check or to write anew; candidates come by the hundred.
 */
const PLAIN_CANDIDATE = new RegExp(
  String.raw`^\{"type":"candidate","candidate":${PLAIN_STRING}(?:,"sdpMid":${PLAIN_STRING})?` +
    String.raw`(?:,"sdpMLineIndex":(?:0|[1-9]\d{0,3}))?(?:,"usernameFragment":${PLAIN_STRING})?\}$`,
);

/** A message's text with its `type` first, which it is not by itself: numbers stand before all other keys. */
function textOf({ type, ...fields }: ClientMessage): string {
  const rest = JSON.stringify(fields);
  return rest === '{}' ? `{"type":"${type}"}` : `{"type":"${type}",${rest.slice(1)}`;
}

/** Read one text frame of a plain client. Never throws: whatever comes in is a message, or is refused. */
export function parseClientMessage(text: string): ParsedMessage {
  if (PLAIN_CANDIDATE.test(text)) return { ok: true, type: 'candidate', text, isAsItCame: true };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
  const type = plainSession(text);
  if (type) return { ok: true, type, text, isAsItCame: true };
  const parsed = clientMessage.safeParse(value);
  if (!parsed.success) return refused(parsed.error);
  return { ok: true, type: parsed.data.type, text: textOf(parsed.data), isAsItCame: false };
}
