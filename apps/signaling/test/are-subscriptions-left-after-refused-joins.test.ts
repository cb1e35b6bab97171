import { expect, it } from 'vitest';
import { openSocket, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { cutSubscriptions, inside } from './support/redis.js';
import { useSignaling } from './support/signaling.js';

const redis = useRedis();
const signaling = useSignaling(redis, 1, { CB_ERROR_THRESHOLD: '1000' });

const limitMemory = (bytes: string) =>
  inside(redis.env, ({ nodes }) =>
    Promise.all(nodes.map((node) => node.call('CONFIG', 'SET', 'maxmemory', bytes))),
  );
const channelsOf = (prefix: 'room' | 'instance') =>
  inside(redis.env, async ({ client, keys }) => {
    const pattern = `${keys[prefix].channelPrefix()}*`;
    return (await client.call('PUBSUB', 'CHANNELS', pattern)) as string[];
  });

it('none: neither at once, nor when the instance subscribes again (S7)', async () => {
  const url = signaling.instances[0]?.url ?? '';
  // Redis refuses to write, and lets subscribe.
  await limitMemory('1');
  for (let i = 0; i < 40; i += 1) {
    await (await openSocket(`${url}/?roomId=${uniqueId('room')}`)).waitClosed();
  }
  await limitMemory('0');
  await waitFor(async () => (await channelsOf('room')).length === 0, 'all are left');
  await cutSubscriptions(redis.env);
  // Its own channel and those of its rooms are asked for together.
  await waitFor(async () => (await channelsOf('instance')).length === 1, 'it is subscribed again');
  expect(await channelsOf('room')).toEqual([]);
});
