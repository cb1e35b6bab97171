// Reference A: a bare express handler with `express.json()`, and nothing else.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createReferencePool, sayListening } from './reference-pool.js';

const pool = await createReferencePool(process.env['REDIS_URL'] ?? '');
const app = express();
app.use(express.json());
app.post('/api/match/find', async (request, response) => {
  response.json(await pool.match(request.body as { region: string }));
});
app.post('/api/host/heartbeat', async (request, response) => {
  response.json(await pool.heartbeat(request.body as { hostId: string; region: string }));
});
const server = app.listen(0, '127.0.0.1', () => sayListening((server.address() as AddressInfo).port));
// Ends politely, so that a profile can be taken of it.
process.once('SIGTERM', () => process.exit(0));
