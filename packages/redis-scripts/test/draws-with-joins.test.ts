import { uniqueId, useRedis } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { SharedLimiter, SignalingStore, type RedisConnection } from '../src/index.js';
import { useConnections } from './support.js';

const redis = useRedis();
const connect = useConnections();

const LIMIT = 200;
const windowMs = 10_000;

/** An instance that joins rooms and draws for them. */
async function instance(quietMs = windowMs) {
  const commands: string[] = [];
  const connection = await connect({ REDIS_URL: redis.url }, { onCommand: (name) => commands.push(name) });
  const limiter = new SharedLimiter(connection, {
    name: 'messages',
    limit: LIMIT,
    windowMs,
    quietMs,
    isOfRooms: true,
  });
  const store = storeOn(connection);
  const join = (room: string, memberId = uniqueId('member')) =>
    limiter.along(room, (draw) => store.join(room, [{ memberId, evidence: 'none' }], { draw }));
  return { limiter, join, commands, connection };
}

const storeOn = (connection: RedisConnection) =>
  new SignalingStore(connection, {
    instanceId: uniqueId('instance'),
    capacity: 50,
    roomTtlMs: 60_000,
    aliveMs: 60_000,
    heldMaxMessages: 1,
    heldMaxBytes: 1,
    heldTtlMs: 1_000,
  });

/** How many may be taken one after another. */
async function takeAll(limiter: SharedLimiter, room: string): Promise<number> {
  let taken = 0;
  while ((await limiter.take(room)).allowed) taken += 1;
  return taken;
}

describe('a draw that a join takes along', () => {
  it('is enough for the messages that follow it', async () => {
    const { limiter, join, commands } = await instance();
    const room = uniqueId('room');
    await join(room);
    for (let n = 0; n < LIMIT / 25; n += 1) {
      const verdict = limiter.take(room);
      expect(verdict).not.toBeInstanceOf(Promise);
      expect(await verdict).toMatchObject({ allowed: true });
    }
    expect(commands).toEqual(['room-join']);
  });

  it('is asked for only where no token is in hand', async () => {
    const { limiter, join, connection } = await instance();
    const room = uniqueId('room');
    for (let n = 0; n < 30; n += 1) await join(room);
    const grants = await connection.command('look', (client) =>
      client.hvals(connection.keys.room.grants(room)),
    );
    expect(grants).toEqual([String(LIMIT / 25)]);
    expect(await takeAll(limiter, room)).toBe(LIMIT);
  });

  it('counts like any other: joins and messages on many instances at once never get beyond the limit (E1)', async () => {
    const instances = await Promise.all(Array.from({ length: 4 }, () => instance()));
    const room = uniqueId('room');
    const taken = await Promise.all(
      instances.map(async ({ limiter, join }) => {
        const [before] = await Promise.all([takeAll(limiter, room), join(room), join(room)]);
        return before + (await takeAll(limiter, room));
      }),
    );
    const sum = taken.reduce((all, each) => all + each, 0);
    expect(sum).toBeLessThanOrEqual(LIMIT);
    expect(sum).toBeGreaterThan(LIMIT * 0.7);
  });

  it('is waited for by messages meanwhile, and not drawn again', async () => {
    const { limiter, join, commands } = await instance();
    const room = uniqueId('room');
    const joined = join(room);
    const verdict = limiter.take(room);
    await joined;
    expect(await verdict).toMatchObject({ allowed: true });
    expect(commands).toEqual(['room-join']);
  });

  it('that brings nothing leaves those who wait to draw themselves', async () => {
    const { limiter, commands } = await instance();
    const room = uniqueId('room');
    const failed = limiter.along(room, () => Promise.reject(new Error('no answer')));
    const verdict = limiter.take(room);
    await expect(failed).rejects.toThrow('no answer');
    expect(await verdict).toMatchObject({ allowed: true });
    expect(commands).toEqual(['limit-draw']);
  });

  it('fails without harm to the join', async () => {
    const { join, connection } = await instance();
    const room = uniqueId('room');
    await connection.command('spoil', (client) => client.set(connection.keys.room.grants(room), 'spoilt'));
    const entered = await join(room);
    expect(entered).toMatchObject({ refused: [], added: 1, grant: undefined });
    expect(entered.members).toHaveLength(1);
  });

  it('is not made for a member that finds no place, or is there already', async () => {
    const { join, connection } = await instance();
    const [full, known] = [uniqueId('room'), uniqueId('room')];
    const filler = storeOn(connection);
    for (let n = 0; n < 50; n += 1) {
      await filler.join(full, [{ memberId: uniqueId('member'), evidence: 'none' }]);
    }
    expect(await join(full)).toMatchObject({ refused: [expect.any(String)], grant: undefined });
    await filler.join(known, [{ memberId: 'one', evidence: 'none' }]);
    expect(await join(known, 'one')).toMatchObject({ added: 0, grant: undefined });
  });
});
