import type { Evidence, Membership, Presence, RelayedMessage } from './types.js';

/** Who comes to a room, speaking `parley.v1`. */
export interface V1Entrant {
  /** Its id, if it is a new member; begins with `~`. */
  readonly memberId: string;
  readonly evidence: Evidence;
  /** Its user, where authentication names one. */
  readonly userId: string | undefined;
  /** Hash of the token that its welcome will carry. */
  readonly tokenHash: string;
  /** What it shows to be a member that was here before. */
  readonly presented?: { readonly memberId: string; readonly tokenHash: string } | undefined;
}

/** Up to message `n` of a sender to some, the last of which had this index in the room, the backlog has none. */
export interface Gap {
  readonly from: string;
  /** As `RelayedMessage.to`. */
  readonly to?: string | undefined;
  readonly n: number;
  readonly index: number;
}

/** A message of the backlog, with its index in the room. */
export interface Kept extends RelayedMessage {
  readonly index: number;
}

/** What an instance has kept to itself. */
export interface V1Record {
  readonly messages: readonly RelayedMessage[];
  readonly gaps: readonly Gap[];
  readonly index: number;
}

/** A room as somebody who entered it finds it. */
export interface V1Entered {
  readonly outcome: 'joined' | 'resumed';
  /** Number of the room's last entry at that moment. */
  readonly seq: number;
  /** Those that are away have the instance `-`. */
  readonly members: readonly Membership[];
  readonly held: readonly RelayedMessage[];
  readonly users: ReadonlyMap<string, string>;
  /** Number of its last message that was taken, as far as Redis knows. */
  readonly received: number;
  /** It may have sent more: numbers that a server gives have to be greater than this. */
  readonly floor: number;
  /** Everything in the room since then is kept, but for the gaps. */
  readonly isWhole: boolean;
  /** Number of the last message that was kept when it joined. */
  readonly since: number;
  readonly gaps: readonly Gap[];
  readonly backlog: readonly Kept[];
  /** JSON of the last chats, oldest first. */
  readonly chats: readonly string[];
  readonly presence?: Presence;
}

/** `elsewhere`: another instance has the member, and has to let go of it first. */
export type V1EnterResult =
  | V1Entered
  | { readonly outcome: 'full'; readonly members: readonly Membership[] }
  | { readonly outcome: 'elsewhere'; readonly instanceId: string };

/** Who goes away: the number of its last message, and how long ago its connection was lost, ms. */
export interface Departure {
  readonly memberId: string;
  readonly sent: number;
  readonly agoMs: number;
}

/** A member that an instance says it has. */
export interface V1Claim {
  readonly memberId: string;
  readonly evidence: Evidence;
  readonly order: number | undefined;
  readonly sent: number;
  readonly userId: string | undefined;
  readonly tokenHash: string;
}
