import { z } from 'zod';
import type { SettingIssue } from '../settings.js';
import { flag, list, url } from '../values.js';

/** Algorithms of RFC 7518 §3.1 with a shared secret, and those with a key pair. `none` is not among them. */
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'];
const KEY_PAIR_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const ALGORITHMS = [...SECRET_ALGORITHMS, ...KEY_PAIR_ALGORITHMS];

/** Everybody can read it here: it is for development only. */
const DEVELOPMENT_ROOM_TOKEN_SECRET = 'parley-development-room-tokens';

/** Who may join which room (contract §4). */
export const authSettings = {
  ENABLE_AUTH: flag()
    .default(false)
    .describe('signaling wants a token that lists the room, and the gateway one to create and join'),
  JWT_ALG: list()
    .refine(
      (algorithms) => algorithms.length > 0 && algorithms.every((each) => ALGORITHMS.includes(each)),
      `expected some of ${ALGORITHMS.join(', ')}, separated by commas`,
    )
    .default(['HS256'])
    .describe('algorithms that users’ tokens may have; what a token says of itself is not believed'),
  JWT_SECRET: z.string().optional().describe('shared secret of users’ tokens, for `HS…`'),
  JWKS_URL: url(['https', 'http'])
    .optional()
    .describe('public keys of users’ tokens, for `RS…`, `PS…` and `ES…`'),
  JWT_ISSUER: z.string().optional().describe('`iss` that users’ tokens must have'),
  JWT_AUDIENCE: z.string().optional().describe('`aud` that users’ tokens must have'),
  ROOMS_CLAIM: z.string().default('rooms').describe('claim that lists the rooms that a user may join'),
  ROOM_TOKEN_SECRET: z
    .string()
    .optional()
    .describe('what room tokens of our own are signed with; without it, a key made from `JWT_SECRET`'),
};

/** Other spellings, from the older documents. */
export const authAliases = { JWKS_URL: ['JWT_JWKS_URL'], ROOMS_CLAIM: ['JWT_ROOMS_CLAIM'] };

export type AuthConfig = Readonly<z.output<z.ZodObject<typeof authSettings>>>;

/** Whether an algorithm works with a shared secret. */
export function isSecretAlgorithm(algorithm: string): boolean {
  return SECRET_ALGORITHMS.includes(algorithm);
}

/** What the key of room tokens is made from. */
export function roomTokenSecret({
  ROOM_TOKEN_SECRET,
  JWT_SECRET,
}: Pick<AuthConfig, 'ROOM_TOKEN_SECRET' | 'JWT_SECRET'>): string {
  return ROOM_TOKEN_SECRET ?? JWT_SECRET ?? DEVELOPMENT_ROOM_TOKEN_SECRET;
}

/** With authentication on, every algorithm needs its key, and room tokens need one that is not public. */
export function refuseMissingKeys(config: AuthConfig): SettingIssue[] {
  if (!config.ENABLE_AUTH) return [];
  const issues: SettingIssue[] = [];
  if (config.JWT_ALG.some(isSecretAlgorithm) && config.JWT_SECRET === undefined) {
    issues.push({
      variable: 'JWT_SECRET',
      expected: 'with ENABLE_AUTH and HS… in JWT_ALG, expected a secret',
    });
  }
  if (!config.JWT_ALG.every(isSecretAlgorithm) && config.JWKS_URL === undefined) {
    issues.push({
      variable: 'JWKS_URL',
      expected: 'with ENABLE_AUTH and RS…, PS… or ES… in JWT_ALG, expected the URL of the public keys',
    });
  }
  if (config.JWT_SECRET === undefined && config.ROOM_TOKEN_SECRET === undefined) {
    issues.push({
      variable: 'ROOM_TOKEN_SECRET',
      expected: 'with ENABLE_AUTH and no JWT_SECRET, expected a secret for room tokens',
    });
  }
  return issues;
}
