import { JwksClient, type SigningKey } from 'jwks-rsa';

const TIMEOUT_MS = 3_000;
const KEPT_MS = 600_000;
/** While the issuer cannot be asked, keys that it had stay good for so long. */
const KEPT_AT_MOST_MS = 3_600_000;
const REQUESTS_PER_MINUTE = 10;

/** A public key by its id; none if the issuer has no such key. */
export type FindPublicKey = (keyId: string | undefined) => Promise<string | undefined>;

/**
 * Keys of an issuer's JWKS (RFC 7517), kept for ten minutes, all that it has at once. An id that is not known is asked
 * for again, so keys may rotate, but only ten times a minute: made-up ids must neither turn us against the issuer nor
 * lock those out whose keys are good.
 * @returns a function that rejects when the issuer cannot be asked right now
 */
export function createPublicKeys(jwksUri: string): FindPublicKey {
  const client = new JwksClient({ jwksUri, cache: false, timeout: TIMEOUT_MS });
  let keys: readonly SigningKey[] = [];
  let gotAtMs = -Infinity;
  let askedAtMs: readonly number[] = [];
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const now = performance.now();
    askedAtMs = askedAtMs.filter((at) => at > now - 60_000);
    if (askedAtMs.length >= REQUESTS_PER_MINUTE) throw new Error('the issuer was asked often enough for now');
    askedAtMs = [...askedAtMs, now];
    keys = await client.getSigningKeys();
    gotAtMs = performance.now();
  }

  function find(keyId: string | undefined): string | undefined {
    const only = keys.length === 1 ? keys[0] : undefined;
    return (keyId === undefined ? only : keys.find(({ kid }) => kid === keyId))?.getPublicKey();
  }

  return async (keyId) => {
    const known = find(keyId);
    const ageMs = performance.now() - gotAtMs;
    if (known !== undefined && ageMs < KEPT_MS) return known;
    try {
      await (asking ??= ask().finally(() => (asking = undefined)));
    } catch (error) {
      if (known !== undefined && ageMs < KEPT_AT_MOST_MS) return known;
      throw error;
    }
    return find(keyId);
  };
}
