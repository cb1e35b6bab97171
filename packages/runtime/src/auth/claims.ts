/** What a token says that was found to be good. */
export interface TokenClaims {
  /** Whom it was given to. */
  readonly sub?: string;
  /** Rooms that it lets in to. */
  readonly rooms: readonly string[];
  /** Whether it says anything of rooms at all, be it that there are none. */
  readonly namesRooms: boolean;
  /** It is a room token of our own, not one that users are given by their issuer. */
  readonly isRoomToken?: true;
  /** End of the token, seconds since 1970. */
  readonly exp?: number;
  /** In room tokens of our own: what its holder is in the room. */
  readonly role?: string;
}

/** Read the claims that matter to us; a claim of the wrong type counts as missing. */
export function readClaims(payload: Readonly<Record<string, unknown>>, roomsClaim: string): TokenClaims {
  const { sub, exp, role } = payload;
  const rooms = Object.hasOwn(payload, roomsClaim) ? payload[roomsClaim] : undefined;
  return {
    rooms: listOf(rooms),
    namesRooms: rooms !== undefined,
    ...(typeof sub === 'string' && { sub }),
    ...(typeof exp === 'number' && { exp }),
    ...(typeof role === 'string' && { role }),
  };
}

function listOf(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim];
  return Array.isArray(claim) ? claim.filter((each) => typeof each === 'string') : [];
}
