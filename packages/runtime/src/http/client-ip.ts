import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { parseTrustedProxies, type ServiceConfig, type TrustedProxies } from '@parley/config';

/** Who sent a request, as far as that can be believed: an IP address, or '' when the connection is gone. */
export type ClientIp = (request: IncomingMessage) => string;

/** Whether the address `hop` steps before us is a proxy that is believed. */
type Trusts = (address: string, hop: number) => boolean;

/** An IPv4 address as such, also where a dual-stack socket shows it as IPv6 (RFC 4291 §2.5.5.2). */
export const plain = (address: string) =>
  address.startsWith('::') ? address.replace(/^::ffff:(?=\d+\.)/i, '') : address;

export function trustsOf(proxies: TrustedProxies): Trusts {
  if ('hops' in proxies) return (_address, hop) => hop < proxies.hops;
  const networks = new BlockList();
  for (const each of proxies.networks) {
    const [address = '', bits] = each.split('/');
    networks.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return (address) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An entry of `X-Forwarded-For`, without brackets and port; undefined when it is no address. */
function forwardedAddress(entry: string): string | undefined {
  const text = entry.trim();
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? undefined : plain(bare);
}

/**
 * Make the one way to tell a client's address, for requests and upgrades alike. `X-Forwarded-For` is read from its end
 * only as far as trusted proxies wrote it: anyone can send the rest.
 */
export function createClientIp({ TRUST_PROXY }: Pick<ServiceConfig, 'TRUST_PROXY'>): ClientIp {
  const trusts = trustsOf(parseTrustedProxies(TRUST_PROXY) ?? { hops: 0 });
  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? '');
    const forwarded = headers['x-forwarded-for'];
    if (typeof forwarded !== 'string' || address === '') return address;
    const entries = forwarded.split(',');
    for (let hop = 0; hop < entries.length && trusts(address, hop); hop++) {
      const before = forwardedAddress(entries[entries.length - 1 - hop] ?? '');
      if (before === undefined) return address;
      address = before;
    }
    return address;
  };
}

/**
 * What a limit per client counts by: the address, or its /64 network for IPv6, of which every subscriber has a whole
 * one to take addresses from (RFC 6177).
 */
export function ipLimitKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head.split(':').filter((group) => group !== '');
  const right = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const missing = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...(tail === undefined ? [] : missing), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
