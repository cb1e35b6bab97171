import { describe, expect, it } from 'vitest';
import { openSocket, startService, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { inside, instancesIn, membersIn } from './support/redis.js';
import { generousLimits, useSignaling } from './support/signaling.js';
import { join } from './support/v1.js';

const redis = useRedis();

describe('places of members of parley.v1 that never come back (S5)', () => {
  it('are given up by whoever is left, although several instances die', { timeout: 60_000 }, async () => {
    const env = { ...generousLimits, ...redis.env, RESUME_GRACE_SECONDS: '12' };
    const [victim, survivor] = [await startService('signaling', env), await startService('signaling', env)];
    try {
      const room = uniqueId('room');
      await join(`ws://127.0.0.1:${victim.port}`, room);
      const all = await instancesIn(redis.env);
      const indexed = () =>
        inside(redis.env, ({ client, keys }) =>
          Promise.all(all.map((id) => client.sismember(keys.instance.rooms(id), room))),
        );
      const before = await indexed();
      expect(before.filter((is) => is === 1)).toHaveLength(1);
      await victim.stop('SIGKILL');
      await waitFor(async () => (await instancesIn(redis.env)).length === 1, 'it is retired', 20_000);
      expect(await membersIn(redis.env, room)).toBe(1);
      // Should the other one die now, whoever finds it dead knows where to look.
      expect(await indexed()).toEqual(before.map((was) => 1 - was));
      await waitFor(async () => (await membersIn(redis.env, room)) === 0, 'the place is free', 20_000);
      await waitFor(async () => !(await indexed()).includes(1), 'nobody has to look there any more');
    } finally {
      await survivor.stop('SIGKILL');
    }
  });
});

describe('a plain client that comes to a room full of members that are away', () => {
  const signaling = useSignaling(redis, 1, { ROOM_CAPACITY: '2' });
  const open = (room: string) => openSocket(`${signaling.instances[0]?.url}/?roomId=${room}`);
  /** As instances that died leave it. @param endsInMs undefined: Redis has lost it */
  const leaveBehind = (room: string, endsInMs: number | undefined) =>
    inside(redis.env, async ({ client, keys }) => {
      const { members, away } = keys.room;
      await client.hset(members(room), { '~a': '- none 1', '~b': '- none 2' });
      await client.pexpire(members(room), 20_000);
      if (endsInMs === undefined) return;
      for (const id of ['~a', '~b']) await client.zadd(away(room), Date.now() + endsInMs, id);
    });

  it.each([-1_000, undefined])('gets in once their time is over (%s)', async (endsInMs) => {
    const room = signaling.room();
    await leaveBehind(room, endsInMs);
    const plain = await open(room);
    await waitFor(async () => (await membersIn(redis.env, room)) === 1, 'it has the place');
    expect(plain.closed).toBeUndefined();
  });

  it('is refused before that, and does not make them live longer', async () => {
    const room = signaling.room();
    await leaveBehind(room, 600);
    expect(await (await open(room)).waitClosed()).toMatchObject({ reason: 'Room is full' });
    const lifeMs = await inside(redis.env, ({ client, keys }) => client.pttl(keys.room.members(room)));
    expect(lifeMs).toBeLessThanOrEqual(20_000);
    // Whoever was there to see it ends it, with nobody here.
    await waitFor(async () => (await membersIn(redis.env, room)) === 0, 'the places are free');
  });
});
