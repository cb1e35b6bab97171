import { beforeEach, describe, expect, it } from 'vitest';
import { uniqueId, useCluster, useRedis } from '@parley/testkit';
import { SignalingStore, V1Store, type RedisConnection, type V1Entered } from '../src/index.js';
import { useConnections } from './support.js';

const servers = [
  { server: 'one Redis', redis: useRedis() },
  { server: 'a Redis Cluster', redis: useCluster() },
];

const bounds = {
  capacity: 3,
  roomTtlMs: 500,
  aliveMs: 60_000,
  heldMaxMessages: 5,
  heldMaxBytes: 1_000,
  heldTtlMs: 300,
  graceMs: 10_000,
  chatMaxEntries: 100,
  chatMaxBytes: 20_000,
};
const nothing = { messages: [], gaps: [], index: 0 };
const message = (from: string, n: number) => ({ from, n, text: `"${n}"` });

describe.each(servers)('rooms with members of parley.v1, on $server', ({ redis }) => {
  const connect = useConnections();
  let connection: RedisConnection;
  let room: string;
  const plain = (instanceId: string) => new SignalingStore(connection, { ...bounds, instanceId });
  const v1 = (instanceId: string) => new V1Store(connection, { ...bounds, instanceId });
  const enter = async (instanceId: string, memberId: string, isForced = false) => {
    const tokenHash = `hash of ${memberId}`;
    const entrant = { memberId, evidence: 'none' as const, userId: undefined, tokenHash };
    const presented = { memberId, tokenHash };
    return (await v1(instanceId).enter(room, { ...entrant, presented }, isForced)) as V1Entered;
  };
  beforeEach(async () => {
    connection = await connect(redis.env);
    room = uniqueId('room');
  });

  it('send those who have not heard of them the right way, and leave nothing behind', async () => {
    const i = plain('i');
    await i.join(room, [
      { memberId: 'i.1', evidence: 'none' },
      { memberId: 'i.2', evidence: 'none' },
    ]);
    expect(await i.send(room, [message('i.1', 1)], true)).not.toEqual({ outcome: 'v1' });
    await enter('j', '~a');
    expect(await i.send(room, [message('i.1', 2)], true)).toEqual({ outcome: 'v1' });
    await v1('i').send(room, [message('i.1', 2)]);
    await v1('j').leave(room, ['~a']);
    expect(await i.send(room, [message('i.1', 3)], true)).not.toEqual({ outcome: 'v1' });
    const { room: keys } = connection.keys;
    for (const key of [keys.v1(room), keys.backlog(room), keys.gaps(room), keys.away(room)]) {
      expect(await connection.command('exists', (client) => client.exists(key))).toBe(0);
    }
  });

  it('change a member only where it still is', async () => {
    await enter('i', '~a');
    await enter('i', '~b');
    expect(await enter('j', '~a')).toEqual({ outcome: 'elsewhere', instanceId: 'i' });
    expect(await enter('j', '~a', true)).toMatchObject({ outcome: 'resumed', isWhole: true });
    // What an instance that was stalled still has to say.
    await v1('i').log(room, nothing, [{ memberId: '~a', sent: 9, agoMs: 0 }]);
    await v1('i').leave(room, ['~a']);
    const claim = { memberId: '~a', evidence: 'none' as const, order: 1, sent: 9 };
    expect(await v1('i').reclaim(room, [{ ...claim, userId: undefined, tokenHash: 'x' }])).toEqual(['~a']);
    const { members } = await enter('k', '~c');
    expect(members.map(({ memberId, instanceId }) => [memberId, instanceId])).toEqual([
      ['~a', 'j'],
      ['~b', 'i'],
      ['~c', 'k'],
    ]);
  });

  it('know that something may be missing from an instance that kept it to itself', async () => {
    await enter('i', '~a');
    await enter('i', '~b');
    await v1('i').unlog(room);
    expect(await enter('j', '~a', true)).toMatchObject({ isWhole: false });
    // Nobody has told it so for sure yet.
    expect(await enter('k', '~a', true)).toMatchObject({ isWhole: false });
    await v1('k').confirmToken(room, '~a', 'hash of ~a');
    expect(await enter('i', '~a', true)).toMatchObject({ isWhole: true });
  });
});
