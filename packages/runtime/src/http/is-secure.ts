import type { IncomingMessage } from 'node:http';
import { parseTrustedProxies, type ServiceConfig } from '@parley/config';
import { plain, trustsOf } from './client-ip.js';

/** Whether a request came to us, or to the proxies that we trust, over TLS. */
export type IsSecure = (request: IncomingMessage) => boolean;

/**
 * Make the one way to tell whether a request was encrypted. `X-Forwarded-Proto` is believed only from a trusted proxy,
 * and only what that one wrote: the last entry.
 */
export function createIsSecure({ TRUST_PROXY }: Pick<ServiceConfig, 'TRUST_PROXY'>): IsSecure {
  const trusts = trustsOf(parseTrustedProxies(TRUST_PROXY) ?? { hops: 0 });
  return ({ socket, headers }) => {
    if ('encrypted' in socket) return true;
    if (!trusts(plain(socket.remoteAddress ?? ''), 0)) return false;
    const protocol = String(headers['x-forwarded-proto'] ?? '')
      .split(',')
      .at(-1)
      ?.trim()
      .toLowerCase();
    return protocol === 'https' || protocol === 'wss';
  };
}
