import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

interface HeartbeatBody {
  readonly hostId: string;
  readonly region: string;
}

const TTL_MS = 30_000;

function readScript(name: string) {
  const lua = readFileSync(new URL(`../../matchmaker/reference-${name}.lua`, import.meta.url), 'utf8');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/**
 * What both references do for a request: one EVALSHA of three commands, no checks, and an answer of the same size as
 * Parley's.
 */
export async function createReferencePool(redisUrl: string) {
  const redis = new Redis(redisUrl);
  const match = readScript('match');
  const heartbeat = readScript('heartbeat');
  for (const { lua } of [match, heartbeat]) await redis.script('LOAD', lua);
  const key = (region: string, name: string) => `reference:{${region}}:${name}`;

  return {
    async match({ region }: { region: string }): Promise<object> {
      const leaseId = randomUUID();
      const expiresAt = Date.now() + TTL_MS;
      const keys = [key(region, 'load'), key(region, 'leases')];
      const hostId = await redis.evalsha(match.sha1, keys.length, ...keys, expiresAt, leaseId);
      return {
        found: true,
        roomId: `room-${String(hostId)}`,
        signalingUrl: 'ws://127.0.0.1:3002',
        iceServers: [{ urls: 'stun:127.0.0.1:3478' }],
        hostId,
        region,
        leaseId,
        expiresAt,
      };
    },

    async heartbeat(body: HeartbeatBody): Promise<object> {
      const { hostId, region } = body;
      const keys = [key(region, 'state'), key(region, 'hosts'), key(region, 'load')];
      const argv = [hostId, JSON.stringify(body), Date.now() + TTL_MS];
      await redis.evalsha(heartbeat.sha1, keys.length, ...keys, ...argv);
      return { success: true, ttl: TTL_MS / 1_000 };
    },
  };
}

/** Say where the reference listens, as our services do. */
export function sayListening(port: number): void {
  process.stdout.write(`${JSON.stringify({ port, msg: 'listening' })}\n`);
}
