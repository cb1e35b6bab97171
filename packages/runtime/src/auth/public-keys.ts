import { JwksClient, SigningKeyNotFoundError } from 'jwks-rsa';

const TIMEOUT_MS = 3_000;
const KEPT_MS = 600_000;
const KEYS_KEPT = 16;
const REQUESTS_PER_MINUTE = 10;

/** A public key by its id; none if the issuer has no such key. */
export type FindPublicKey = (keyId: string | undefined) => Promise<string | undefined>;

/**
 * Keys of an issuer's JWKS (RFC 7517), kept for ten minutes. An id that is not known is asked for again, so keys may
 * rotate, but only ten times a minute: made-up ids must not turn us against the issuer.
 * @returns a function that rejects when the issuer cannot be asked right now
 */
export function createPublicKeys(jwksUri: string): FindPublicKey {
  const client = new JwksClient({
    jwksUri,
    cache: true,
    cacheMaxAge: KEPT_MS,
    cacheMaxEntries: KEYS_KEPT,
    rateLimit: true,
    jwksRequestsPerMinute: REQUESTS_PER_MINUTE,
    timeout: TIMEOUT_MS,
  });
  return async (keyId) => {
    try {
      return (await client.getSigningKey(keyId)).getPublicKey();
    } catch (error) {
      if (error instanceof SigningKeyNotFoundError) return undefined;
      throw error;
    }
  };
}
