import type { IncomingMessage } from 'node:http';
import { bearerToken } from '@parley/runtime';

/** What a client asks for, read from its upgrade request. */
export interface JoinRequest {
  readonly roomId: string;
  readonly token: string | undefined;
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  /** Token of the last welcome, of a client of `parley.v1` that comes back. */
  readonly resume: string | undefined;
  /** What its join continues (W3C Trace Context); may be anything. */
  readonly traceparent: string | string[] | undefined;
}

/**
 * Read `/?roomId=ID[&token=JWT]`, any path (contract §1).
 * @returns undefined for a target that is no URL
 */
export function readJoinRequest({
  url,
  headers,
}: Pick<IncomingMessage, 'url' | 'headers'>): JoinRequest | undefined {
  // Joined, not resolved: a path may begin with two slashes, where a client appended to a URL that ended in one.
  const target = url?.startsWith('/') ? `ws://localhost${url}` : (url ?? '');
  if (!URL.canParse(target)) return undefined;
  const { searchParams } = new URL(target);
  return {
    roomId: searchParams.get('roomId') ?? '',
    token: searchParams.get('token') ?? bearerToken(headers.authorization),
    origin: headers.origin,
    traceparent: searchParams.get('traceparent') ?? headers['traceparent'],
    resume: searchParams.get('resume') ?? undefined,
    subprotocols: offeredSubprotocols(headers['sec-websocket-protocol']),
  };
}

function offeredSubprotocols(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
