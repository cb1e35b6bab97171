import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { TurnProvider } from './turn-provider.js';

export interface TurnCredential {
  readonly username: string;
  readonly credential: string;
}

const PLAIN_USER = /^[\w.-]{1,64}$/;

/**
 * A credential that a TURN server which shares `secret` accepts until its time: username `expiry:user`, credential the
 * base64 HMAC-SHA1 of it (draft-uberti-behave-turn-rest, coturn's `use-auth-secret`).
 * @param expiresAtSeconds since the epoch
 */
export function mintTurnCredential(secret: string, expiresAtSeconds: number, user: string): TurnCredential {
  const username = `${expiresAtSeconds}:${user}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}

/**
 * How a client is named to the TURN server. Without a name each gets its own, since coturn counts `user-quota` by it; a
 * name that STUN's username cannot carry (spaces, length) is replaced by its hash.
 */
function turnUser(user: string | undefined): string {
  if (user === undefined) return randomBytes(9).toString('base64url');
  return PLAIN_USER.test(user) ? user : createHash('sha256').update(user).digest('base64url').slice(0, 22);
}

/** TURN servers of one's own. Credentials are computed, not fetched, so this cannot fail and needs no cache. */
export function coturnProvider(options: {
  readonly urls: readonly string[];
  readonly secret: string;
  readonly expirySeconds: number;
}): TurnProvider {
  return {
    name: 'coturn',
    turn(user) {
      const expiresAtSeconds = Math.floor(Date.now() / 1000) + options.expirySeconds;
      const credential = mintTurnCredential(options.secret, expiresAtSeconds, turnUser(user));
      const servers = options.urls.map((urls) => ({ urls, ...credential }));
      return { ok: true, servers, expiresAtMs: expiresAtSeconds * 1000 };
    },
  };
}
