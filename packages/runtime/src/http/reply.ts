import type { ServerResponse } from 'node:http';
import { problem, type ProblemCode } from '@parley/protocol';

/** An HTTP answer as a value: what a route returns, whatever serves it. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON; a string is sent as plain text; none for 204. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes what follows the head, for as long as it likes; instead of `body`. */
  readonly stream?: (response: ServerResponse) => void;
  /** Takes back what the answer gives, when whoever asked is gone before all of it could be handed over. */
  readonly ifUnsent?: () => Promise<unknown>;
}

/** An answer that is not an error. */
export function reply(status: number, body?: unknown, headers?: Record<string, string>): Reply {
  return { status, body, ...(headers && { headers }) };
}

/**
 * An error answer (RFC 9457), with the older fields of the contract beside the new ones.
 * @param detail what was wrong with this request, in words for the client
 */
export function problemReply(
  code: ProblemCode,
  detail: string,
  { older, headers }: { older?: Record<string, unknown>; headers?: Record<string, string> } = {},
): Reply {
  const body = problem(code, detail, older);
  return { status: body.status, body, headers: { 'Content-Type': 'application/problem+json', ...headers } };
}
