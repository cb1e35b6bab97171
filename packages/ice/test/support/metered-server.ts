import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

type Answer = (response: ServerResponse) => void;

/** A local server that behaves like Metered's documented TURN REST API, until a test says otherwise. */
export interface MeteredServer {
  /** For METERED_DOMAIN. */
  origin: string;
  readonly secretKey: string;
  /** The keys of the credentials that were created, oldest first. */
  readonly apiKeys: string[];
  /** The `expiryInSeconds` of each create request. */
  readonly askedExpiries: unknown[];
  /** What it grants instead of what was asked. */
  grantSeconds: number | undefined;
  /** Answer the first step in this way instead. */
  onCreate: Answer | undefined;
  /** Answer the second step in this way instead. */
  onFetch: Answer | undefined;
}

/** Start one for this test file; every test finds it well-behaved, with nothing created. */
export function useMeteredServer(): MeteredServer {
  const metered: MeteredServer = {
    origin: '',
    secretKey: `secret-${randomBytes(8).toString('hex')}`,
    apiKeys: [],
    askedExpiries: [],
    grantSeconds: undefined,
    onCreate: undefined,
    onFetch: undefined,
  };
  const server = createServer((request, response) => void serve(metered, request, response));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    metered.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    metered.apiKeys.length = 0;
    metered.askedExpiries.length = 0;
    Object.assign(metered, { grantSeconds: undefined, onCreate: undefined, onFetch: undefined });
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return metered;
}

export function json(status: number, body: unknown): Answer {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
}

async function serve(
  metered: MeteredServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', metered.origin);
  const step = `${request.method} ${url.pathname}`;
  if (step === 'POST /api/v1/turn/credential') {
    const secretKey = url.searchParams.get('secretKey');
    const { expiryInSeconds } = JSON.parse(await readBody(request)) as { expiryInSeconds?: unknown };
    metered.askedExpiries.push(expiryInSeconds);
    (metered.onCreate ?? create(metered, secretKey, expiryInSeconds))(response);
  } else if (step === 'GET /api/v1/turn/credentials') {
    (metered.onFetch ?? fetchServers(metered, url.searchParams.get('apiKey') ?? ''))(response);
  } else {
    json(404, { error: 'no such endpoint' })(response);
  }
}

function create(metered: MeteredServer, secretKey: string | null, expiryInSeconds: unknown): Answer {
  if (secretKey !== metered.secretKey) return json(401, { message: 'Invalid secret key' });
  if (!Number.isInteger(expiryInSeconds)) {
    return json(400, { message: 'please enter a positive integer value for expiryInSeconds' });
  }
  const apiKey = `key-${randomBytes(8).toString('hex')}`;
  metered.apiKeys.push(apiKey);
  return json(200, {
    username: `user-${apiKey}`,
    password: `password-${apiKey}`,
    expiryInSeconds: metered.grantSeconds ?? expiryInSeconds,
    label: '',
    apiKey,
  });
}

function fetchServers(metered: MeteredServer, apiKey: string): Answer {
  if (!metered.apiKeys.includes(apiKey)) return json(401, { error: 'Invalid API Key' });
  const credential = { username: `user-${apiKey}`, credential: `password-${apiKey}` };
  return json(200, [
    { urls: 'stun:relay.example:80' },
    { urls: 'turn:relay.example:80', ...credential },
    { urls: 'turns:relay.example:443?transport=tcp', ...credential },
  ]);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
