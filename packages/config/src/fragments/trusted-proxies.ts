import { isIP } from 'node:net';
import { z } from 'zod';

/** Which proxies are believed: the last so many before us, or those of these networks (`address/bits`). */
export type TrustedProxies = { readonly hops: number } | { readonly networks: readonly string[] };

/** Names for the usual networks (RFC 1122, RFC 1918, RFC 4193). */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** `address/bits` of an address with or without a length; undefined when it is neither. */
function network(text: string): string | undefined {
  const [address = '', length] = text.split('/');
  const maxBits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const bits = length === undefined ? maxBits : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  return bits >= 0 && bits <= maxBits ? `${address}/${bits}` : undefined;
}

/** The networks of one item; none when it is not understood. */
function networksOf(item: string): readonly string[] {
  if (Object.hasOwn(NAMED, item)) return NAMED[item] ?? [];
  const single = network(item);
  return single === undefined ? [] : [single];
}

/** Read a value of `TRUST_PROXY`; undefined when it is not understood. */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d{1,2}$/.test(text)) return { hops: Number(text) };
  const networks = text.split(',').map((item) => networksOf(item.trim()));
  return networks.every((each) => each.length > 0) ? { networks: networks.flat() } : undefined;
}

/** The setting: text that `parseTrustedProxies` understands. */
export function trustedProxies() {
  const expected = 'expected the number of proxies, or their addresses: 10.0.0.0/8,::1, loopback, private';
  return z.string().refine((text) => parseTrustedProxies(text) !== undefined, expected);
}
