import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** A usable `X-Request-Id` as it came, or a new one: answers and logs carry it. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * CORS for every answer, errors and preflight included (contract §2): the API is for pages of any origin.
 * Name, value, name, value…
 */
export const CORS_HEADERS: readonly string[] = Object.entries({
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, PATCH, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Authorization, X-Request-Id, Idempotency-Key',
  'Access-Control-Expose-Headers': 'X-Request-Id, Retry-After, Location, RateLimit, RateLimit-Policy',
}).flat();
