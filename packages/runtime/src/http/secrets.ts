import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compare two secrets in a time that depends on neither: digests make the lengths equal. */
export function secretsEqual(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * Compare what is given with secrets that stay the same, which are digested once. Takes the same time whichever of them
 * matches, and however much of it.
 */
export function createSecretCheck(secrets: readonly string[]): (given: string) => boolean {
  const expected = secrets.map(digest);
  return (given) => {
    const found = digest(given);
    return expected.map((each) => timingSafeEqual(found, each)).includes(true);
  };
}
