import { z } from 'zod';

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
const control = z.object({ type: z.literal('control'), action: z.string(), payload: z.unknown().optional() });
/** Application-level liveness between page and host; what else it carries is between those two. */
const ping = z.looseObject({ type: z.literal('ping') });
const pong = z.looseObject({ type: z.literal('pong') });

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
} as const;

/** A message parsed and stripped of unknown fields, ready to relay; or why it is dropped. */
export type ParsedMessage =
  { readonly ok: true; readonly message: ClientMessage } | { readonly ok: false; readonly why: string };

/** Read one text frame of a plain client. Never throws: whatever comes in is either a message or a reason. */
export function parseClientMessage(text: string): ParsedMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'not JSON' };
  }
  const parsed = clientMessage.safeParse(value);
  return parsed.success
    ? { ok: true, message: parsed.data }
    : { ok: false, why: z.prettifyError(parsed.error) };
}
