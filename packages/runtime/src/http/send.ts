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

/** Send an answer with what every answer of ours carries; its own headers win. */
export function send(response: ServerResponse, answer: Reply, requestId: string): void {
  const common = { ...CORS_HEADERS, 'X-Request-Id': requestId };
  if (answer.stream) {
    response.writeHead(answer.status, { ...common, ...answer.headers });
    if (response.req.method === 'HEAD') response.end();
    else answer.stream(response);
    return;
  }
  if (answer.body === undefined) {
    response.writeHead(answer.status, { ...common, ...answer.headers }).end();
    return;
  }
  const { text, type } = encode(answer, requestId);
  const headers = {
    ...common,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    ...answer.headers,
  };
  response.writeHead(answer.status, headers).end(text);
}

/** Send an answer to a request whose body was not read to its end, and close the connection after it. */
export function sendAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Reply,
  requestId: string,
): void {
  const { text, type } = encode(answer, requestId);
  response.writeHead(answer.status, {
    ...CORS_HEADERS,
    'X-Request-Id': requestId,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
    ...answer.headers,
  });
  response.write(text);
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
