import { request as httpRequest, type Agent } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Circuit } from '@parley/redis-scripts';
import type { Failure } from './driver.js';

/** A Scale object has a few hundred bytes, and so has a reason to refuse one. */
const ANSWER_MAX_BYTES = 65_536;

/** One request to a platform. */
export interface PlatformRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Longest time until the whole answer is there. */
  readonly timeoutMs: number;
  readonly agent?: Agent | undefined;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** What came back. A redirect is not followed: the secret is for the one that was named. */
export interface PlatformAnswer {
  readonly outcome: 'answered';
  readonly status: number;
  readonly body: string;
}

/** Asks a platform. Never throws. */
export type Ask = (request: PlatformRequest) => Promise<PlatformAnswer | Failure>;

/** Failures after which nobody asks for a while: the others are answers. */
const AWAY = new Set<Failure['kind']>(['timeout', 'unreachable', 'unavailable']);

/** Ask unless the platform has been away lately. */
export function createAsk(circuit: Circuit): Ask {
  return async (request) => {
    if (!circuit.admits()) return failure('unavailable', 'not asked: it has failed several times in a row');
    const answer = await exchangeOrFail(request);
    const isAway = answer.outcome === 'failed' ? AWAY.has(answer.kind) : answer.status >= 500;
    if (isAway) circuit.failed();
    else circuit.succeeded();
    return answer;
  };
}

async function exchangeOrFail(request: PlatformRequest): Promise<PlatformAnswer | Failure> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  try {
    return await exchange(request, AbortSignal.any([timeout, request.signal]));
  } catch (error) {
    if (timeout.aborted)
      return failure('timeout', `no answer within ${request.timeoutMs} ms`, { retry: true });
    const { code, message } = error as NodeJS.ErrnoException;
    return failure('unreachable', code ?? message, { retry: true });
  }
}

function exchange(
  { url, method, headers, body, agent }: PlatformRequest,
  signal: AbortSignal,
): Promise<PlatformAnswer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = send(url, { method, headers: { ...headers, ...length }, signal, ...(agent && { agent }) });
    sent.on('error', reject);
    // An answer that asks for another protocol ends neither in a response nor in an error.
    sent.on('close', () => reject(new Error('closed without an answer')));
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (part: string) => {
        text += part;
        if (text.length > ANSWER_MAX_BYTES) sent.destroy(new Error('its answer is too long'));
      });
      response.on('end', () =>
        resolve({ outcome: 'answered', status: response.statusCode ?? 0, body: text }),
      );
    });
    sent.end(body);
  });
}

/** A failure of that kind; tried again in a moment only if that may help. */
export function failure(
  kind: Failure['kind'],
  detail: string,
  { retry = false }: { readonly retry?: boolean } = {},
): Failure {
  return { outcome: 'failed', kind, detail, retry };
}

/** What a status means that is no success. */
export function refusal(status: number, detail: string): Failure {
  const told = `status ${status}: ${detail}`;
  if (status === 401 || status === 403) return failure('unauthorized', told);
  if (status === 404) return failure('not-found', told);
  if (status === 409) return failure('conflict', told, { retry: true });
  if (status >= 500 || status === 429) return failure('unavailable', told, { retry: true });
  return failure('refused', told);
}
