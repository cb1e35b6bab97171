import { bearerToken, problemReply, type Reply, type RouteRequest } from '@parley/runtime';
import { hostOf } from './visitor-host.js';

/** The answer to whoever does not carry the key of this host; undefined for who does. */
export function refuseOthers(headers: RouteRequest['headers'], hostId: string): Reply | undefined {
  const key = bearerToken(headers.authorization);
  if (key === undefined) {
    const detail = 'This takes the key of a host of the demo: Authorization: Bearer KEY.';
    const challenge = { 'WWW-Authenticate': 'Bearer' };
    return problemReply('unauthorized', detail, {
      older: { success: false, error: detail },
      headers: challenge,
    });
  }
  if (hostOf(key).hostId === hostId) return undefined;
  const detail = 'This key speaks for another host.';
  return problemReply('forbidden', detail, { older: { success: false, error: detail } });
}
