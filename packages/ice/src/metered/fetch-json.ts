import type { z } from 'zod';
import type { NoTurn } from '../turn-provider.js';

/** Metered's answers are well below 4 KiB. */
const MAX_BYTES = 65_536;

export type JsonResult<T> = { readonly ok: true; readonly value: T } | NoTurn;

/**
 * One request whose answer is JSON of a known shape. Bounded in time by `signal` (the body included) and in size;
 * redirects are not followed, since the URL carries a key.
 * @returns the value, or why there is none; never a URL or a part of the answer
 */
export async function fetchJson<T>(
  url: URL,
  request: { readonly method: 'GET' | 'POST'; readonly body?: string },
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<JsonResult<T>> {
  try {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    const response = await fetch(url, { ...request, headers, signal, redirect: 'manual' });
    if (!response.ok) {
      await response.body?.cancel();
      return { ok: false, failure: 'refused', detail: `HTTP status ${response.status}` };
    }
    const text = await readText(response);
    return text === undefined
      ? { ok: false, failure: 'invalid', detail: `more than ${MAX_BYTES} bytes` }
      : parse(text, schema);
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: 'timeout', detail: 'no whole answer in time' };
    return { ok: false, failure: 'unreachable', detail: errorCode(error) };
  }
}

/** The whole body, or undefined when it is too large. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse<T>(text: string, schema: z.ZodType<T>): JsonResult<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, failure: 'invalid', detail: 'not JSON' };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const paths = parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'the answer'} (${code})`);
  return { ok: false, failure: 'invalid', detail: `not as documented: ${paths.slice(0, 5).join(', ')}` };
}

/** The system's name of a broken connection, such as `ECONNREFUSED`; fetch hides it in the cause. */
function errorCode(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : 'connection failed';
}
