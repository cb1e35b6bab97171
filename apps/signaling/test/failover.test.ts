import { expect, it } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { RedisConnection } from '@parley/redis-scripts';
import { useRedis, waitFor } from '@parley/testkit';
import { offer, peerDisconnected } from './support/messages.js';
import { useSignaling } from './support/signaling.js';

const redis = useRedis();
const signaling = useSignaling(redis, 2);

it('a room goes on where its entries are numbered anew, as after a failover that lost the last of them', async () => {
  const room = signaling.room();
  const [first, second] = [await signaling.join(room), await signaling.join(room)];
  first.send(offer);
  expect(await second.next()).toEqual(offer);

  const connection = new RedisConnection(loadConfig(signalingSettings, redis.env));
  await connection.connect();
  const { state, log } = connection.keys.room;
  await connection.command('lose', (client) => client.hincrby(state(room), 'seq', -10));
  await connection.command('lose', (client) => client.del(log(room)));
  await connection.command('reconnect', (client) => client.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
  connection.close();
  for (const instance of signaling.instances) {
    await waitFor(
      async () => (await instance.metrics()).includes('cloudgaming_room_gaps_total{repaired="false"} 1'),
      'it has noticed',
    );
  }

  first.send(offer);
  expect(await second.next()).toEqual(offer);
  await first.close();
  expect(await second.next()).toEqual(peerDisconnected);
});
