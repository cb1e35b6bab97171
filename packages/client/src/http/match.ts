import type { FindInput, IceAnswer, MatchAnswer } from '@parley/protocol';
import { request, urlOf, type RequestOptions } from './request.js';

/**
 * Ask the matchmaker for a host with free slots; they are held until `expiresAt`.
 * @param wishes where and how many (contract §2): `region`, `regions`, `latencies`, `seats`, `strategy`, `hostId`, `kind`
 * @param options `retries` (default 0: a try whose answer was lost may hold a slot for half a minute)
 * @throws ParleyError, with the code `no_host` when no host that matches has a free slot
 */
export function findMatch(
  matchmakerUrl: string,
  wishes: FindInput = {},
  options: RequestOptions = {},
): Promise<MatchAnswer> {
  return request('POST', urlOf(matchmakerUrl, '/api/match/find'), { ...options, body: wishes });
}

/**
 * Fresh STUN and TURN servers, for credentials that are about to expire.
 * @param options `retries` (default 3)
 * @throws ParleyError
 */
export function refreshIceServers(matchmakerUrl: string, options: RequestOptions = {}): Promise<IceAnswer> {
  return request('POST', urlOf(matchmakerUrl, '/api/ice-servers'), { retries: 3, ...options, body: {} });
}
