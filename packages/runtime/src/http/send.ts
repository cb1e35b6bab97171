import type { IncomingMessage, ServerResponse } from 'node:http';
import { CORS_HEADERS } from './headers.js';
import type { Reply } from './reply.js';

/** How long a refused body may still come in, so that its sender gets to read the answer instead of a reset. */
const LINGER_MS = 1_000;

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** The text to send and its type; errors repeat the request's id (contract §2). */
function encode({ status, body }: Reply, requestId: string): { text: string; type: string } {
  if (typeof body === 'string') return { text: body, type: TEXT_TYPE };
  return { text: JSON.stringify(status < 400 ? body : { ...(body as object), requestId }), type: JSON_TYPE };
}

/** The head of an answer, as name, value, name, value…: half the cost of an object. The answer's own headers win. */
function headOf({ headers }: Reply, requestId: string, content?: { text: string; type: string }): string[] {
  const head = [...CORS_HEADERS, 'X-Request-Id', requestId];
  for (const [name, value] of Object.entries(headers ?? {})) head.push(name, value);
  if (!content) return head;
  head.push('Content-Length', String(Buffer.byteLength(content.text)));
  if (headers?.['Content-Type'] === undefined) head.push('Content-Type', content.type);
  return head;
}

/** Send an answer with what every answer of ours carries. */
export function send(response: ServerResponse, answer: Reply, requestId: string): void {
  if (answer.body === undefined) {
    response.writeHead(answer.status, headOf(answer, requestId));
    if (answer.stream && response.req.method !== 'HEAD') answer.stream(response);
    else response.end();
    return;
  }
  const content = encode(answer, requestId);
  response.writeHead(answer.status, headOf(answer, requestId, content)).end(content.text);
}

/** Send an answer to a request whose body was not read to its end, and close the connection after it. */
export function sendAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Reply,
  requestId: string,
): void {
  const content = encode(answer, requestId);
  response.writeHead(answer.status, [...headOf(answer, requestId, content), 'Connection', 'close']);
  response.write(content.text);
  const timer = setTimeout(() => response.end(), LINGER_MS);
  const finish = () => {
    clearTimeout(timer);
    response.end();
  };
  request.on('end', finish).on('close', finish).resume();
}

/** Do something if the connection ends before all of an answer is handed to it. Call it before the answer is sent. */
export function whenUnsent(response: ServerResponse, act: () => void): void {
  if (response.destroyed) {
    act();
    return;
  }
  let isSent = false;
  response.once('finish', () => (isSent = true));
  response.once('close', () => isSent || act());
}
