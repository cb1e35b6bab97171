import type { IncomingMessage } from 'node:http';
import { problemReply, type Reply } from './reply.js';

/** Largest body that is read. */
export const BODY_LIMIT_BYTES = 65_536;

/** A body that was read, or what to answer instead; `aborted` when nobody is left to answer. */
export type ReadBody =
  | { readonly outcome: 'read'; readonly body: unknown }
  | { readonly outcome: 'refused'; readonly answer: Reply }
  /** There is more of it, unread: the connection cannot be used for another request. */
  | { readonly outcome: 'too-large'; readonly answer: Reply }
  | { readonly outcome: 'aborted' };

const NO_BODY: ReadBody = { outcome: 'read', body: undefined };
const ABORTED: ReadBody = { outcome: 'aborted' };

const tooLarge = (): ReadBody => {
  const detail = `The body is larger than ${BODY_LIMIT_BYTES} bytes.`;
  const answer = problemReply('body_too_large', detail, { older: { success: false, error: detail } });
  return { outcome: 'too-large', answer };
};

/** Why a body cannot be understood whatever it says, from its headers; undefined when it can. */
function unsupported({ headers }: IncomingMessage): Reply | undefined {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers['content-type'] ?? '')?.[1];
  const encoding = headers['content-encoding'] ?? 'identity';
  const refuse = (detail: string) =>
    problemReply('unsupported_media', detail, { older: { success: false, error: detail } });
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset))
    return refuse('The body must be in UTF-8.');
  if (encoding.toLowerCase() !== 'identity') return refuse('The body must not be compressed.');
  return undefined;
}

function parse(text: string): ReadBody {
  if (text === '') return NO_BODY;
  try {
    // A byte order mark is no part of JSON (RFC 8259 §8.1), but some editors and shells put one.
    return { outcome: 'read', body: JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown };
  } catch (error) {
    const answer = problemReply('malformed_body', (error as SyntaxError).message, {
      older: { success: false, error: 'Malformed request' },
    });
    return { outcome: 'refused', answer };
  }
}

/** The whole body as text, `undefined` when it is too large, or `null` when the client went away. */
function collect(request: IncomingMessage): Promise<string | undefined | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_LIMIT_BYTES) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on('end', () =>
      resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8')),
    );
    // Comes after 'end', or instead of it.
    request.on('close', () => resolve(null));
  });
}

/** Whether a request announces a body (RFC 9112 §6). */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Read a request's body as JSON, whatever media type it claims: real hosts send the header twice, and `curl -d` sends
 * a form's. Never throws, and never holds more than the limit.
 */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  if (!hasBody(request)) return NO_BODY;
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) return tooLarge();
  const text = await collect(request);
  if (text === null) return ABORTED;
  if (text === undefined) return tooLarge();
  const answer = unsupported(request);
  return answer ? { outcome: 'refused', answer } : parse(text);
}
