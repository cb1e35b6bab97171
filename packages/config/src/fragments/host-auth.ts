import { z } from 'zod';
import type { SettingIssue } from '../settings.js';

const INSECURE_HOST_SECRET = 'to-change-in-prod';

/** What hosts prove themselves with. */
export const hostAuthSettings = {
  HOST_SECRET: z.string().default(INSECURE_HOST_SECRET).describe('bearer token that hosts send'),
  HOST_SECRET_PREVIOUS: z.string().optional().describe('also accepted, while hosts change over to a new one'),
  ADMIN_TOKEN: z
    .string()
    .optional()
    .describe('bearer token for operators; in production the host lists and the overview need it'),
};

/** Refuse the secret that everybody knows. */
export function refuseInsecureHostSecret(config: {
  HOST_SECRET: string;
  HOST_SECRET_PREVIOUS?: string | undefined;
}): SettingIssue[] {
  return (['HOST_SECRET', 'HOST_SECRET_PREVIOUS'] as const)
    .filter((variable) => config[variable] === INSECURE_HOST_SECRET)
    .map((variable) => ({ variable, expected: 'in production, expected a secret of your own' }));
}
