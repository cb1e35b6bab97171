import type { IceServer } from '@parley/protocol';
import { z } from 'zod';
import type { NoTurn } from '../turn-provider.js';
import { fetchJson } from './fetch-json.js';

/** Access to one app at Metered. */
export interface MeteredAccess {
  readonly origin: string;
  readonly secretKey: string;
}

/** A credential that was just created. */
export interface FreshCredential {
  readonly ok: true;
  readonly servers: readonly IceServer[];
  /** What Metered granted, which may be less than was asked. */
  readonly lifetimeSeconds: number;
}

const MAX_SERVERS = 16;
const text = z.string().min(1).max(512);
const iceUrl = text.regex(/^(stun|turn)s?:\S+$/);

const createdCredential = z.object({
  apiKey: text,
  expiryInSeconds: z.number().int().positive().optional(),
});

const server = z
  .object({
    urls: z.union([iceUrl, z.array(iceUrl).min(1).max(MAX_SERVERS)]),
    username: text.optional(),
    credential: text.optional(),
  })
  .refine((entry) => !isTurn(entry) || (entry.username !== undefined && entry.credential !== undefined));

const servers = z
  .array(server)
  .max(MAX_SERVERS)
  .refine((entries) => entries.some(isTurn));

/** A browser throws on a TURN server without credentials, and ICE without one is no better than STUN alone. */
function isTurn({ urls }: IceServer): boolean {
  return [urls].flat().some((url) => url.startsWith('turn'));
}

/**
 * Create a credential that expires, then fetch its servers, both within `signal`'s time.
 *
 * Metered's TURN REST API: `POST /api/v1/turn/credential?secretKey=` with `expiryInSeconds` answers with the credential's
 * own `apiKey`; `GET /api/v1/turn/credentials?apiKey=` with that answers an array for `RTCPeerConnection`. The keys go in
 * the query because the API takes them nowhere else.
 */
export async function requestCredential(
  { origin, secretKey }: MeteredAccess,
  expirySeconds: number,
  signal: AbortSignal,
): Promise<FreshCredential | NoTurn> {
  const create = apiUrl(origin, 'credential', { secretKey });
  const body = JSON.stringify({ expiryInSeconds: expirySeconds });
  const created = await fetchJson(create, { method: 'POST', body }, createdCredential, signal);
  if (!created.ok) return inStep('create the credential', created);
  const { apiKey, expiryInSeconds = expirySeconds } = created.value;
  const read = apiUrl(origin, 'credentials', { apiKey });
  const fetched = await fetchJson(read, { method: 'GET' }, servers, signal);
  if (!fetched.ok) return inStep('fetch its servers', fetched);
  return { ok: true, servers: fetched.value, lifetimeSeconds: Math.min(expirySeconds, expiryInSeconds) };
}

function apiUrl(origin: string, path: string, query: Record<string, string>): URL {
  const url = new URL(`/api/v1/turn/${path}`, origin);
  url.search = new URLSearchParams(query).toString();
  return url;
}

function inStep(step: string, result: NoTurn): NoTurn {
  return { ...result, detail: `${step}: ${result.detail}` };
}
