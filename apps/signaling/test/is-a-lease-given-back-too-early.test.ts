import { describe, expect, it } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { RedisConnection } from '@parley/redis-scripts';
import { openSocket, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { offer, peerDisconnected } from './support/messages.js';
import { generousLimits, startInstance } from './support/signaling.js';

const redis = useRedis();

/** Make Redis refuse what is done to a key, until what it answers is called. */
async function breakKey(connection: RedisConnection, key: string): Promise<() => Promise<unknown>> {
  const kept = `${key}:kept`;
  await connection.command('break', (client) => client.rename(key, kept));
  await connection.command('break', (client) => client.set(key, 'no hash'));
  return () => connection.command('mend', (client) => client.rename(kept, key));
}

describe('an instance that stops', () => {
  it('keeps its lease while Redis was not told of all its members: the others retire them', async () => {
    const connection = new RedisConnection(loadConfig(signalingSettings, redis.env));
    await connection.connect();
    const env = { ...generousLimits, ...redis.env, DRAIN_TIMEOUT_MS: '1000' };
    const [stops, survives] = [await startInstance(env), await startInstance(env)];
    const room = uniqueId('room');
    const leaves = await openSocket(`${stops.url}/?roomId=${room}`);
    const stays = await openSocket(`${survives.url}/?roomId=${room}`);
    leaves.send(offer);
    expect(await stays.next()).toEqual(offer);
    const mend = await breakKey(connection, connection.keys.room.members(room));
    await stops.service.stop();
    await mend();
    expect((await leaves.waitClosed()).code).toBe(1012);
    expect(await stays.next(12_000)).toEqual(peerDisconnected);
    await waitFor(async () => {
      const comes = await openSocket(`${survives.url}/?roomId=${room}`);
      comes.send(offer);
      return stays.next(1_000);
    }, 'the place is free');
    await survives.service.stop();
    connection.close();
  }, 40_000);
});
