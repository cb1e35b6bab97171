import { describe, expect, it } from 'vitest';
import { RedisConnection, SignalingStore } from '@parley/redis-scripts';
import { loadConfig, signalingSettings } from '@parley/config';
import { openSocket, useRedis, waitFor } from '@parley/testkit';
import { offer, peerDisconnected } from './support/messages.js';
import { useSignaling } from './support/signaling.js';

const redis = useRedis();

const OTHERS = 100;

/** What Redis refused of a method, in this file's process. */
function countFailures(method: 'join' | 'leave'): () => number {
  const prototype = SignalingStore.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = prototype[method];
  let failed = 0;
  prototype[method] = async function (...args) {
    try {
      return await original?.apply(this, args);
    } catch (error) {
      failed += 1;
      throw error;
    }
  };
  return () => failed;
}

const [failedJoins, failedLeaves] = [countFailures('join'), countFailures('leave')];

/** Ask Redis itself. */
async function admin(...command: [string, ...string[]]): Promise<unknown> {
  const connection = new RedisConnection(loadConfig(signalingSettings, redis.env));
  await connection.connect();
  const [name, ...rest] = command;
  const answer = await connection.command('admin', (client) => client.call(name, ...rest));
  connection.close();
  return answer;
}

/** Redis answers, and carries out no script: as with a wrong password, or rights that were taken away. */
const refuse = () => admin('ACL', 'SETUSER', 'default', '-evalsha', '-eval');
const permit = () => admin('ACL', 'SETUSER', 'default', '+@all');

describe('after Redis refused what it was told', () => {
  const signaling = useSignaling(redis, 2);
  const join = (room: string, at: 0 | 1) => openSocket(`${signaling.instances[at]?.url}/?roomId=${room}`);

  it('a leave is told again: no ghost stays, and the others hear of it', async () => {
    const room = signaling.room();
    const [leaves, stays] = [await join(room, 0), await join(room, 1)];
    stays.send(offer);
    expect(await leaves.next()).toEqual(offer);
    await refuse();
    const before = failedLeaves();
    await leaves.close();
    await waitFor(() => failedLeaves() > before, 'the leave is refused');
    await permit();
    expect(await stays.next(4_000)).toEqual(peerDisconnected);
    const comes = await join(room, 0);
    comes.send(offer);
    expect(await stays.next()).toEqual(offer);
    // Once a second, however long it lasts.
    expect(failedLeaves() - before).toBeLessThan(10);
  });

  it('entries that were held back until the room is confirmed follow soon', async () => {
    // Rooms are confirmed in turn anyway: so many that its turn is far away.
    await Promise.all(Array.from({ length: OTHERS }, () => join(signaling.room(), 1)));
    const room = signaling.room();
    const [a, b] = [await join(room, 0), await join(room, 1)];
    a.send(offer);
    expect(await b.next()).toEqual(offer);
    b.send(offer);
    expect(await a.next()).toEqual(offer);
    await refuse();
    const before = failedJoins();
    await admin('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await waitFor(() => failedJoins() >= before + OTHERS + 2, 'all rooms try to confirm');
    await permit();
    a.send({ ...offer, sdp: 'later' });
    expect(await b.next(4_000)).toEqual({ ...offer, sdp: 'later' });
    expect(failedJoins() - before).toBeLessThan(6 * OTHERS);
  });
});
