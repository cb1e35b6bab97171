// Reference A: a bare express handler with `express.json()`, two EVALSHA in one pipeline, and nothing else.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Redis } from 'ioredis';

const ROOM_TTL_MS = 5_000;
const REGION = 'eu-west';

function readScript(path: string) {
  const lua = readFileSync(new URL(`../../${path}.lua`, import.meta.url), 'utf8');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

const redis = new Redis(process.env['REDIS_URL'] ?? '');
const lease = readScript('matchmaker/reference-match');
const seat = readScript('gateway/reference-seat');
const record = readScript('gateway/reference-record');
for (const { lua } of [lease, seat, record]) await redis.script('LOAD', lua);

const app = express();
app.use(express.json());

app.post('/api/rooms', async (request, response) => {
  const roomId = randomUUID();
  const expiresAt = Date.now() + ROOM_TTL_MS;
  const room = { roomId, region: REGION, ...(request.body as object), players: 0, expiresAt };
  const pool = [`reference:{${REGION}}:load`, `reference:{${REGION}}:leases`];
  const answers = await redis
    .pipeline()
    .evalsha(lease.sha1, 2, ...pool, expiresAt, roomId)
    .evalsha(record.sha1, 1, `reference:room:${roomId}`, JSON.stringify(room), ROOM_TTL_MS)
    .exec();
  const hostId = String(answers?.[0]?.[1]);
  response.status(201).json({ ...room, hostId, serverAddress: '192.0.2.7:7777', ownerToken: randomUUID() });
});

app.post('/api/rooms/:roomId/join', async (request, response) => {
  const key = `reference:room:${request.params.roomId}`;
  const answers = await redis
    .pipeline()
    .evalsha(seat.sha1, 1, key)
    .evalsha(record.sha1, 1, key, '', 0)
    .exec();
  const room = JSON.parse(String(answers?.[1]?.[1])) as object;
  response.json({ ...room, players: answers?.[0]?.[1], serverAddress: '192.0.2.7:7777' });
});

// A pool to lease from, as large as ours.
const hosts = Array.from({ length: 1_000 }, (_, i) => [0, `host-${i}`]).flat();
await redis.zadd(`reference:{${REGION}}:load`, ...hosts);

const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port, msg: 'listening' })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
