import { expect, it } from 'vitest';
import { useRedis, waitFor } from '@parley/testkit';
import { inside } from './support/redis.js';
import { useSignaling } from './support/signaling.js';

const redis = useRedis();
const signaling = useSignaling(redis, 1);

it('in time, should nobody ever remove it', async () => {
  const room = signaling.room();
  const member = await signaling.join(room);
  const lifeMs = () =>
    inside(redis.env, async ({ client, keys }) => {
      const [owner] = await client.hvals(keys.room.members(room));
      const instanceId = owner?.split(' ', 1)[0];
      return instanceId === undefined ? undefined : client.pttl(keys.instance.rooms(instanceId));
    });
  expect(await waitFor(lifeMs, 'Redis knows the member')).toBeGreaterThan(86_400_000);
  await member.close();
});
