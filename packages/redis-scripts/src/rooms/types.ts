/** A room to be written: where it was placed, and what its creator asked for. */
export interface NewRoom {
  readonly roomId: string;
  readonly hostId: string;
  readonly region: string;
  /** The host's own signaling room. */
  readonly hostRoomId: string;
  /** `host:port` of a game server; a streaming host has none. */
  readonly address?: string | undefined;
  /** The lease that holds the room's slot. */
  readonly leaseId: string;
  /** Seats. */
  readonly maxPlayers: number;
  /** SHA-256 of the owner's token, hex; the token itself is stored nowhere. */
  readonly ownerHash: string;
  /** End of the lease and of the record, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** A room as it stands. */
export interface Room extends NewRoom {
  /** Seats taken. */
  readonly players: number;
}

/** The answer to taking a seat: the room with it taken, or why not. */
export type JoinResult =
  { readonly outcome: 'joined'; readonly room: Room } | { readonly outcome: 'full' | 'missing' };
