import { z } from 'zod';
import type { ClientMessage } from './signaling.js';

/** The subprotocol that a WebSocket client offers to be spoken to in this dialect (contract §1). */
export const PARLEY_V1 = 'parley.v1';

/** Longest chat or private text, UTF-16 units. */
export const TEXT_MAX_LENGTH = 4_000;

/** Greatest number that a client may give to a message: those that servers give go on from there, and stay exact. */
export const SEQ_MAX = 2 ** 40;

/** A sender's number of a message: the first is 1. */
const seq = z.number().int().positive();
const ownSeq = seq.max(SEQ_MAX);
const memberId = z.string().min(1).max(128);
const userId = z.string().min(1).max(255);
const text = z.string().min(1).max(TEXT_MAX_LENGTH);

/** What any relayed message may carry beside its own fields: for one member only, and the sender's own number. */
export const addressing = z.object({ to: memberId.optional(), seq: ownSeq.optional() });
export type Addressing = z.output<typeof addressing>;

/** First message of a client that resumes: the highest `seq` that it has of each sender. */
export const resume = z.object({
  type: z.literal('resume'),
  /** A number that is none counts as nothing seen: whatever others said must not keep anybody from coming back. */
  seen: z.record(z.string(), z.number().int().nonnegative().catch(0)),
});
export const chat = z.object({ type: z.literal('chat'), text, seq: ownSeq.optional() });
export const typing = z.object({ type: z.literal('typing'), state: z.enum(['start', 'stop']) });
/** To all members of a user (JWT `sub`) in the room. */
export const privateMessage = z.object({
  type: z.literal('private'),
  toUser: userId,
  text,
  seq: ownSeq.optional(),
});

/** What a `parley.v1` client may send that a plain one may not. */
export const roomService = z.discriminatedUnion('type', [resume, chat, typing, privateMessage]);
export type RoomService = z.output<typeof roomService>;

/** Another member, as a newcomer is told. */
export const peer = z.object({ memberId, userId: userId.optional(), away: z.literal(true).optional() });
export type Peer = z.output<typeof peer>;

/** A chat message as everybody gets it, its sender included. `at` in ms since 1970, by the clock of Redis. */
export const chatSaid = z.object({
  type: z.literal('chat'),
  id: z.string(),
  from: memberId,
  seq: seq.optional(),
  userId: userId.optional(),
  text: z.string(),
  at: z.number().int(),
});
export type ChatSaid = z.output<typeof chatSaid>;

/** Why something that a member asked for was not done; the connection stays. */
export const errorCodes = {
  'invalid-message': 'it is not JSON, or not a message of this protocol; `detail` says where',
  'rate-limited': 'messages were dropped because of a limit; told once in ten seconds',
  'unknown-member': '`to` names nobody in this room',
  'user-not-here': '`toUser` names nobody in this room',
  'auth-required': 'only members whose token names a user may do this',
  unavailable: 'this needs Redis, which does not answer; try again later',
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** What the server tells a `parley.v1` member, beside relayed messages with `from` and `seq`. */
export const serverMessage = z.discriminatedUnion('type', [
  /** First of all. */
  z.object({
    type: z.literal('welcome'),
    memberId,
    roomId: z.string(),
    /** For the next `?resume=`; each is good once. */
    resumeToken: z.string(),
    /** True after a resume that missed nothing. */
    recovered: z.boolean(),
    /** Number of this member's last message that the server took; absent where it is unknown. */
    received: z.number().int().nonnegative().optional(),
    /** How long this member's place is kept when its connection is lost, ms. */
    resumeGraceMs: z.number().int().nonnegative(),
    userId: userId.optional(),
    members: z.array(peer),
    /** The last chats, oldest first. */
    history: z.array(chatSaid).optional(),
  }),
  /** `resumed`: it had been away, and is back. */
  z.object({
    type: z.literal('peer-joined'),
    memberId,
    userId: userId.optional(),
    resumed: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('peer-away'), memberId }),
  z.object({ type: z.literal('peer-disconnected'), memberId }),
  z.object({ type: z.literal('user-joined'), userId }),
  z.object({ type: z.literal('user-left'), userId }),
  chatSaid,
  z.object({ type: z.literal('typing'), from: memberId, state: z.enum(['start', 'stop']) }),
  z.object({
    type: z.literal('private'),
    from: memberId,
    seq: seq.optional(),
    fromUser: userId,
    text: z.string(),
    at: z.number().int(),
  }),
  /** Right before a close 1012: come back after this time, so that not all come at once. */
  z.object({ type: z.literal('draining'), retryAfterMs: z.number().int().nonnegative() }),
  z.object({
    type: z.literal('error'),
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    /** Number of the message that it is about, where that was read. */
    seq: z.number().int().positive().optional(),
  }),
]);
export type ServerMessage = z.output<typeof serverMessage>;

/** A relayed message as a `parley.v1` member gets it. */
export type Relayed = ClientMessage & { readonly from: string; readonly seq: number };

/** What a `parley.v1` client may send. */
export type V1ClientMessage = (ClientMessage & Addressing) | RoomService;
