/** What a kind of error means, once for all services: its HTTP status and its one-line title. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Every error an HTTP answer of ours can carry (RFC 9457). The key is the answer's `code`. */
export const problemKinds = {
  validation_failed: { status: 400, title: 'The request body or query is not valid' },
  malformed_body: { status: 400, title: 'The request body is not readable JSON' },
  malformed_request: { status: 400, title: 'The path or a header of the request is not valid' },
  unauthorized: { status: 401, title: 'A bearer token is missing or malformed' },
  forbidden: { status: 403, title: 'The bearer token is not accepted' },
  no_host: { status: 404, title: 'No host with a free slot matches' },
  host_not_found: { status: 404, title: 'No such host' },
  room_not_found: { status: 404, title: 'No such room' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The route does not take this method' },
  room_locked: { status: 409, title: 'The room is locked' },
  room_full: { status: 409, title: 'The room is full' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media: { status: 415, title: 'The request body must be JSON in UTF-8' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key came with another request before' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Something unexpected went wrong' },
  no_capacity: { status: 503, title: 'No host has a free slot right now' },
  auth_unavailable: { status: 503, title: 'Tokens cannot be checked right now' },
  redis_unavailable: { status: 503, title: 'The service cannot reach its store right now' },
} as const satisfies Record<string, ProblemKind>;

/** The `code` of a problem: stable, for programs. */
export type ProblemCode = keyof typeof problemKinds;

/** An error answer: RFC 9457's members, ours (`code`, `requestId`), and the older fields of the contract beside them. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly requestId?: string;
  readonly [olderField: string]: unknown;
}

/**
 * Build an error answer.
 * @param detail what was wrong with this very request; told to the client, so never an internal message
 * @param older fields that answers carried before problem+json (contract §2: `success`, `error`, `found`, `message`, `issues`)
 */
export function problem(code: ProblemCode, detail: string, older: Record<string, unknown> = {}): Problem {
  const { status, title } = problemKinds[code];
  return { ...older, type: `urn:parley:problem:${code}`, title, status, detail, code };
}
