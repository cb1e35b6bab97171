import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { ProblemCode } from '@parley/protocol';
import { CORS_HEADERS } from './headers.js';
import { problemReply } from './reply.js';

/** What node:http's parser gives up with (Node docs, "Event: 'clientError'"); all else is not HTTP. */
const KINDS: Record<string, { code: ProblemCode; detail: string }> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', detail: 'The headers are larger than 16 KiB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', detail: 'The request did not arrive in time.' },
};
const NOT_HTTP = {
  code: 'malformed_request',
  detail: 'This is not a well-formed HTTP/1.1 request.',
} as const;

/** The bytes of an answer where there is no request, and so no response object either. */
function rawAnswer(errorCode: string | undefined): string {
  const { code, detail } = KINDS[errorCode ?? ''] ?? NOT_HTTP;
  const requestId = randomUUID();
  const { status, body } = problemReply(code, detail, { older: { success: false, error: detail } });
  const text = JSON.stringify({ ...(body as object), requestId });
  const head = [...CORS_HEADERS, 'X-Request-Id', requestId, 'Content-Type', 'application/problem+json'];
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  for (let at = 0; at < head.length; at += 2) lines.push(`${head[at]}: ${head[at + 1]}`);
  lines.push(`Content-Length: ${Buffer.byteLength(text)}`, 'Connection: close', '', text);
  return lines.join('\r\n');
}

/** Answer what the parser refuses like everything else: with CORS, a request id and a problem (contract §2). */
export function answerParserErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A reset has nobody left to read, and after the head of an answer another one would be garbage in its body.
    // Node documents this field for just this question.
    // oxlint-disable-next-line no-underscore-dangle
    const isAnswering = (socket as Socket & { _httpMessage?: { headersSent: boolean } })._httpMessage
      ?.headersSent;
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) socket.destroy();
    else socket.end(rawAnswer(error.code));
  });
}
