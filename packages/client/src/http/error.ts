import type { ProblemCode } from '@parley/protocol';

/**
 * What kind of error it is: a code of the services (docs/errors.md), or one of the SDK's own: `network` – no answer,
 * `timeout` – none in time, `unexpected_answer` – one that a service of Parley does not give, perhaps a proxy's.
 */
export type ParleyErrorCode = ProblemCode | 'network' | 'timeout' | 'unexpected_answer';

/** What a {@link ParleyError} knows beside its message. */
interface ErrorFacts {
  readonly status?: number;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A request that was refused or not answered. Its message says in words what was wrong. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Names the request in the services' logs. */
  readonly requestId: string | undefined;
  /** When trying again makes sense, ms from now, where the service said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ParleyErrorCode,
    message: string,
    { cause, status = 0, requestId, retryAfterMs }: ErrorFacts = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later: nothing was wrong with it. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Milliseconds of a `Retry-After` header: seconds or a date (RFC 9110 §10.2.3). */
function askedMs(header: string | null): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** What an answer that is not 2xx says (RFC 9457). */
export async function errorOf(response: Response): Promise<ParleyError> {
  const { status, headers } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { code, detail, requestId } = (typeof body === 'object' && body !== null ? body : {}) as Partial<
    Record<string, string>
  >;
  return new ParleyError(
    (code as ProblemCode | undefined) ?? 'unexpected_answer',
    detail ?? `answered with status ${status}`,
    {
      status,
      requestId: requestId ?? headers.get('x-request-id') ?? undefined,
      retryAfterMs: askedMs(headers.get('retry-after')),
    },
  );
}
