import { describe, expect, it } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { RedisConnection, V1Store } from '@parley/redis-scripts';
import { useRedis, waitFor } from '@parley/testkit';
import { candidate } from './support/messages.js';
import { inside, lifetimes } from './support/redis.js';
import { useSignaling } from './support/signaling.js';
import { join, resume } from './support/v1.js';

const redis = useRedis();

describe('what Redis keeps of a room with members of parley.v1', () => {
  const signaling = useSignaling(redis, 2, { ROOM_CAPACITY: '3', ROOM_TTL_SECONDS: '1' });
  const url = (i: number) => signaling.instances[i]?.url ?? '';
  const livesOf = async (room: string) =>
    [...(await lifetimes(redis.env))].filter(([key]) => key.includes(`{room:${room}}`));
  const expectAllToEnd = async (room: string) => {
    expect((await livesOf(room)).filter(([, lifeMs]) => lifeMs < 0)).toEqual([]);
  };

  it('has an end at every moment of its life, and chats end with it', { timeout: 60_000 }, async () => {
    const room = signaling.room();
    const [a, b] = [await join(url(0), room), await join(url(1), room)];
    await waitFor(() => a.of('peer-joined').length, 'it is told');
    const large = 'x'.repeat(10_000);
    // More than the backlog keeps, so that it has gaps.
    for (let n = 0; n < 250; n += 1) {
      a.send({ ...candidate(n), candidate: large });
      // Not more at once than may wait for Redis.
      if (n % 25 === 0) await waitFor(() => b.of('candidate').length === n + 1, 'it is heard');
    }
    a.send({ type: 'chat', text: 'hello' });
    await waitFor(() => b.of('chat').length, 'it is said', 20_000);
    const hasGaps = () => inside(redis.env, ({ client, keys }) => client.exists(keys.room.gaps(room)));
    expect(await hasGaps()).toBe(1);
    await expectAllToEnd(room);
    b.socket.terminate();
    await waitFor(() => a.of('peer-away').length, 'it is away');
    await expectAllToEnd(room);
    const back = await resume(url(0), room, b);
    await expectAllToEnd(room);
    await Promise.all([a.close(), back.close()]);
    await waitFor(
      async () => (await livesOf(room)).every(([key, lifeMs]) => lifeMs <= 1_000 || key.endsWith(':grants')),
      'nothing outlives the room',
    );
    await expectAllToEnd(room);
    const isOver = async () => (await livesOf(room)).every(([key]) => key.endsWith(':grants'));
    await waitFor(isOver, 'all is gone but what its limit counts');
    const stranger = await join(url(0), room);
    expect(stranger.welcome.history).toBeUndefined();
  });

  it('has an end where only a late word of an instance is left of it', async () => {
    const room = signaling.room();
    const connection = new RedisConnection(loadConfig(signalingSettings, redis.env));
    await connection.connect();
    const bounds = { capacity: 3, roomTtlMs: 500, aliveMs: 60_000, graceMs: 10_000, instanceId: 'i' };
    const held = { heldMaxMessages: 5, heldMaxBytes: 1_000, heldTtlMs: 300 };
    await new V1Store(connection, { ...bounds, ...held, chatMaxEntries: 5, chatMaxBytes: 500 }).unlog(room);
    await expectAllToEnd(room);
    connection.close();
  });

  it('keeps chats for as long as somebody is there', async () => {
    const room = signaling.room();
    const a = await join(url(0), room);
    a.send({ type: 'chat', text: 'hello' });
    await waitFor(() => a.of('chat').length, 'it is said');
    const life = (set?: number) =>
      inside(redis.env, async ({ client, keys }) => {
        if (set !== undefined) await client.pexpire(keys.room.chat(room), set);
        return client.pttl(keys.room.chat(room));
      });
    await life(5_000);
    await join(url(1), room);
    expect(await life()).toBeGreaterThan(5_000);
  });
});
