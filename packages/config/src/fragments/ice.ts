import { z } from 'zod';
import type { SettingIssue } from '../settings.js';
import { integer, list } from '../values.js';

const SERVER = String.raw`(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?`;
const STUN_URL = new RegExp(`^stuns?:${SERVER}$`);
const TURN_URL = new RegExp(String.raw`^turns?:${SERVER}(\?transport=(udp|tcp))?$`);
const METERED_DOMAIN = new RegExp(`^(https?://)?${SERVER}/?$`);

const turnUrls = () =>
  list()
    .refine(
      (urls) => urls.every((url) => TURN_URL.test(url)),
      'expected turn:host:port or turns:host:port, with ?transport=udp or tcp if need be, separated by commas',
    )
    .default([]);

/** The STUN and TURN servers that clients are told of (contract §2). The first TURN provider that answers is used. */
export const iceSettings = {
  STUN_URLS: list()
    .refine((urls) => urls.every((url) => STUN_URL.test(url)), 'expected stun:host:port, separated by commas')
    .default(['stun:stun.l.google.com:19302'])
    .describe('STUN servers, always given'),
  METERED_DOMAIN: z
    .string()
    .refine(
      (text) => METERED_DOMAIN.test(text) && URL.canParse(text.includes('://') ? text : `https://${text}`),
      'expected the app name or domain at Metered, such as yourcompany.metered.live',
    )
    .optional()
    .describe('TURN from Metered: app name or domain'),
  METERED_API_KEY: z
    .string()
    .optional()
    .describe('the secret key at Metered that credentials are created with'),
  TURN_URLS: turnUrls().describe('TURN servers of your own (coturn) that share `TURN_SECRET` with us'),
  TURN_SECRET: z
    .string()
    .optional()
    .describe("coturn's `static-auth-secret`; credentials are made from it without a request"),
  TURN_STATIC_URLS: turnUrls().describe('TURN servers with a fixed user and password'),
  TURN_STATIC_USERNAME: z
    .string()
    .optional()
    .describe('the user at `TURN_STATIC_URLS`; every client learns it'),
  TURN_STATIC_CREDENTIAL: z
    .string()
    .optional()
    .describe('the password at `TURN_STATIC_URLS`; every client learns it'),
  TURN_EXPIRY_SECONDS: integer('seconds', 60, 604_800)
    .default(14_400)
    .describe('lifetime of TURN credentials; a client gets at least half of it'),
  ICE_TIMEOUT_MS: integer('milliseconds', 50, 30_000)
    .default(2_000)
    .describe('longest wait for one TURN provider before the next one is used'),
};

export type IceConfig = Readonly<z.output<z.ZodObject<typeof iceSettings>>>;

/** The settings that make a provider only together. */
const PROVIDERS = [
  ['METERED_DOMAIN', 'METERED_API_KEY'],
  ['TURN_URLS', 'TURN_SECRET'],
  ['TURN_STATIC_URLS', 'TURN_STATIC_USERNAME', 'TURN_STATIC_CREDENTIAL'],
] as const;

/** Each setting without which another one that is set has no effect. */
export function incompleteIceProviders(config: IceConfig): SettingIssue[] {
  return PROVIDERS.flatMap((variables) => {
    const missing = variables.filter((variable) => (config[variable] ?? '').length === 0);
    if (missing.length === variables.length) return [];
    const present = variables.filter((variable) => !missing.includes(variable)).join(' and ');
    return missing.map((variable) => ({ variable, expected: `expected a value beside ${present}` }));
  });
}

/** Refuse a TURN provider that would be silently left out, and one that would get its key in the clear. */
export function refuseUnusableIce(config: IceConfig): SettingIssue[] {
  const isPlain = config.METERED_DOMAIN?.startsWith('http://') === true;
  return [
    ...incompleteIceProviders(config),
    ...(isPlain ? [{ variable: 'METERED_DOMAIN', expected: 'in production, expected no http:// URL' }] : []),
  ];
}
