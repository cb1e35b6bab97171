import { hkdfSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { roomTokenSecret, type AuthConfig } from '@parley/config';
import { readClaims, type TokenClaims } from './claims.js';

type KeyConfig = Pick<AuthConfig, 'ROOM_TOKEN_SECRET' | 'JWT_SECRET'>;

/** Tells our tokens from users' tokens before any key is touched. */
export const ROOM_TOKEN_KEY_ID = 'parley-room';
const ISSUER = 'parley';
const ALGORITHM = 'HS256';

/** A key of its own (RFC 5869), so that neither kind of token can ever be taken for the other. */
function roomTokenKey(config: KeyConfig): Buffer {
  return Buffer.from(hkdfSync('sha256', roomTokenSecret(config), '', 'parley room token', 32));
}

/** Whom a room token is for, and which rooms it opens. */
export interface RoomTokenSubject {
  readonly rooms: readonly string[];
  readonly sub?: string;
  readonly role?: string;
}

/**
 * Make a short-lived token that lets its holder join some rooms; signaling accepts it beside users' own.
 * @param ttlSeconds how long it is good for
 */
export function mintRoomToken(
  config: KeyConfig,
  { rooms, sub, role }: RoomTokenSubject,
  ttlSeconds: number,
): string {
  return jwt.sign({ rooms, ...(role !== undefined && { role }) }, roomTokenKey(config), {
    algorithm: ALGORITHM,
    keyid: ROOM_TOKEN_KEY_ID,
    issuer: ISSUER,
    expiresIn: ttlSeconds,
    ...(sub !== undefined && { subject: sub }),
  });
}

/** Make what checks room tokens. @returns undefined for one that is not good */
export function createRoomTokenVerifier(config: KeyConfig): (token: string) => TokenClaims | undefined {
  const key = roomTokenKey(config);
  return (token) => {
    try {
      const payload = jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER });
      return typeof payload === 'object' ? readClaims(payload, 'rooms') : undefined;
    } catch {
      return undefined;
    }
  };
}
