// Reference B: the same on plain node:http.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReferencePool, sayListening } from './reference-pool.js';

const pool = await createReferencePool(process.env['REDIS_URL'] ?? '');
const handlers: Readonly<Record<string, (body: never) => Promise<object>>> = {
  '/api/match/find': (body) => pool.match(body),
  '/api/host/heartbeat': (body) => pool.heartbeat(body),
};

async function answer(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
  const body = JSON.stringify(await handlers[request.url ?? '']?.(JSON.parse(text) as never));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
}

const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => void answer(request, response, text));
});
server.listen(0, '127.0.0.1', () => sayListening((server.address() as AddressInfo).port));
// Ends politely, so that a profile can be taken of it.
process.once('SIGTERM', () => process.exit(0));
