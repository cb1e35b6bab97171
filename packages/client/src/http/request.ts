import { delay, linkedAbort } from '../util/abort.js';
import { backoffMs } from '../util/backoff.js';
import { errorOf, ParleyError } from './error.js';

/** What every request takes. */
export interface RequestOptions {
  /** Ends the request, and all waiting for another try; the call throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time for one try, ms. Default 10000. */
  readonly timeoutMs?: number | undefined;
  /** A user's token, sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How often to try again when there was no answer, or 5xx, or 429. Default: see each call. */
  readonly retries?: number | undefined;
}

/** One request. */
export interface Request extends RequestOptions {
  readonly body?: unknown;
  /** What marks retries as the same request. */
  readonly idempotencyKey?: string;
}

const TIMEOUT_MS = 10_000;

/** The longest that a service may make us wait; what asks for more is an error to the caller. */
const RETRY_AFTER_MAX_MS = 30_000;

/** A URL below a service's own, with or without a slash at its end. */
export const urlOf = (base: string, path: string) => base.replace(/\/+$/, '') + path;

function headersOf({ body, token, headers, idempotencyKey }: Request): Record<string, string> {
  return {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...headers,
  };
}

async function once(method: string, url: string, options: Request): Promise<unknown> {
  const { body, signal, timeoutMs = TIMEOUT_MS } = options;
  const abort = linkedAbort(signal);
  let late = false;
  const timer = setTimeout(() => abort.abort((late = true)), timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: headersOf(options),
      signal: abort.signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await errorOf(response);
    return response.status === 204 ? undefined : await response.json();
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    if (signal?.aborted) throw signal.reason;
    if (late) throw new ParleyError('timeout', `${url}: no answer in ${timeoutMs} ms`);
    if (error instanceof SyntaxError) {
      throw new ParleyError('unexpected_answer', `${url}: the answer is not JSON`, {
        status: 200,
        cause: error,
      });
    }
    throw new ParleyError('network', `${url}: no answer`, { cause: error });
  } finally {
    clearTimeout(timer);
    abort.unlink();
  }
}

/**
 * Ask a service.
 * @returns the answer's body; undefined for 204
 * @throws ParleyError, or the signal's reason
 */
export async function request<T>(method: string, url: string, options: Request = {}): Promise<T> {
  const { retries = 0, signal } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return (await once(method, url, options)) as T;
    } catch (error) {
      const mayRetry = error instanceof ParleyError && error.isTransient && failures <= retries;
      if (!mayRetry || (error.retryAfterMs ?? 0) > RETRY_AFTER_MAX_MS) throw error;
      await delay((error.retryAfterMs ?? 0) + backoffMs(failures, { maxMs: 5_000 }), signal);
    }
  }
}
