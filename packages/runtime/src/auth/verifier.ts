import jwt, { type Algorithm } from 'jsonwebtoken';
import { isSecretAlgorithm, type AuthConfig } from '@parley/config';
import { readClaims, type TokenClaims } from './claims.js';
import { createPublicKeys } from './public-keys.js';
import { ROOM_TOKEN_KEY_ID, createRoomTokenVerifier } from './room-token.js';

/** Longest token that is looked at; proxies refuse longer URLs anyway. */
const TOKEN_MAX_CHARACTERS = 8_192;

/**
 * Whether a token is good: `unauthorized` is for ever; `unavailable`: its issuer's keys could not be had right now.
 */
export type TokenVerdict =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly why: 'unauthorized' | 'unavailable' };

/** Checks tokens. Never throws, and never says more of a bad token than that it is bad. */
export interface TokenVerifier {
  verify(token: string | undefined): Promise<TokenVerdict>;
}

const UNAUTHORIZED: TokenVerdict = { ok: false, why: 'unauthorized' };

/** What a token claims of itself; only used to choose where to look, never what to trust. */
function headerOf(token: string): { alg: string; kid?: string | undefined } | undefined {
  try {
    const header = jwt.decode(token, { complete: true })?.header;
    return header && typeof header.alg === 'string' ? header : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Make what checks the tokens of users (contract §4) and the room tokens of our own. Algorithms come from `JWT_ALG`
 * alone, and each works with its own kind of key only, so a public key is never taken for a shared secret.
 */
export function createTokenVerifier(config: AuthConfig): TokenVerifier {
  const roomTokens = createRoomTokenVerifier(config);
  const publicKeys = config.JWKS_URL === undefined ? undefined : createPublicKeys(config.JWKS_URL);

  async function keyFor(alg: string, kid: string | undefined): Promise<string | undefined> {
    return isSecretAlgorithm(alg) ? config.JWT_SECRET : publicKeys?.(kid);
  }

  async function verifyUserToken(token: string, alg: string, kid: string | undefined): Promise<TokenVerdict> {
    if (!config.JWT_ALG.includes(alg)) return UNAUTHORIZED;
    let key: string | undefined;
    try {
      key = await keyFor(alg, kid);
    } catch {
      return { ok: false, why: 'unavailable' };
    }
    if (key === undefined) return UNAUTHORIZED;
    try {
      const payload = jwt.verify(token, key, {
        algorithms: [alg as Algorithm],
        ...(config.JWT_ISSUER !== undefined && { issuer: config.JWT_ISSUER }),
        ...(config.JWT_AUDIENCE !== undefined && { audience: config.JWT_AUDIENCE }),
      });
      return typeof payload === 'object'
        ? { ok: true, claims: readClaims(payload, config.ROOMS_CLAIM) }
        : UNAUTHORIZED;
    } catch {
      return UNAUTHORIZED;
    }
  }

  return {
    async verify(token) {
      if (token === undefined || token.length > TOKEN_MAX_CHARACTERS) return UNAUTHORIZED;
      const header = headerOf(token);
      if (!header) return UNAUTHORIZED;
      if (header.kid !== ROOM_TOKEN_KEY_ID) return verifyUserToken(token, header.alg, header.kid);
      const claims = roomTokens(token);
      return claims ? { ok: true, claims: { ...claims, isRoomToken: true } } : UNAUTHORIZED;
    },
  };
}
