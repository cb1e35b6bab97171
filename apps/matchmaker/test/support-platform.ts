import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A key and the certificate that goes with it. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A request that a platform got, with all of its body. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a platform answers: a status, and a body if it has one. */
export interface Told {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += String(part);
  return text;
}

/** A server on a free port until the test is over; `undefined` leaves a request without an answer. */
export async function serve(
  answer: (got: Got) => Promise<Told | undefined> | Told | undefined,
  identity?: Identity,
): Promise<string> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = request;
    const told = await answer({ method, path, headers, body: await bodyOf(request) });
    if (told) response.writeHead(told.status, { ...told.headers }).end(told.body);
  };
  // A client that went away in the middle of its request gets no answer.
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response).catch(() => response.destroy());
  const server = identity ? createTls(identity, listener) : createPlain(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return `${identity ? 'https' : 'http'}://127.0.0.1:${port}`;
}
