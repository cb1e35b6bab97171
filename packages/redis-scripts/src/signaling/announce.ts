import { randomBytes } from 'node:crypto';
import type { RedisConnection } from '../connection/connection.js';
import { ANNOUNCER, encodeMessages } from './entry.js';
import { roomKeys } from './room-keys.js';
import { roomSend } from './scripts.js';

/** As long as signaling keeps a room that has members, or longer: it confirms such rooms every minute. */
const ALIVE_MS = 600_000;

/**
 * Tell everybody who is in a signaling room something, in a `control` message that plain clients understand too.
 * Nobody who comes later hears of it.
 * @returns false when nobody is there
 * @throws RedisUnavailableError when Redis cannot be asked right now
 */
export async function announce(
  redis: RedisConnection,
  roomId: string,
  action: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  // Each announcement has a sender of its own: numbers of a sender have to follow one another.
  const from = `${ANNOUNCER}-${randomBytes(6).toString('hex')}`;
  const text = JSON.stringify({ type: 'control', action, payload });
  const [outcome] = (await redis.run(roomSend, {
    keys: roomKeys(redis.keys, roomId),
    argv: {
      publish: redis.isCluster ? 'SPUBLISH' : 'PUBLISH',
      aliveMs: ALIVE_MS,
      body: encodeMessages(ANNOUNCER, [{ from, n: 1, text }]),
      heldMaxMessages: 0,
      heldMaxBytes: 0,
      heldTtlMs: 0,
    },
  })) as [string];
  return outcome === 'published';
}
