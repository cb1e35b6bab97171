import { Cluster } from 'ioredis';
import { afterAll, expect, it } from 'vitest';
import { uniqueId, useCluster, waitFor } from '../src/index.js';

const cluster = useCluster();
const clients: Cluster[] = [];
afterAll(() => clients.forEach((made) => made.disconnect()));

function client(): Cluster {
  const nodes = cluster.env.REDIS_CLUSTER_NODES.split(',').map((node) => {
    const [host = '', port] = node.split(':');
    return { host, port: Number(port) };
  });
  const made = new Cluster(nodes, { shardedSubscribers: true });
  clients.push(made);
  return made;
}

it('spreads keys over three masters', async () => {
  const redis = client();
  const keys = Array.from({ length: 60 }, () => uniqueId('key'));
  for (const key of keys) await redis.set(key, key);
  expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys);
  const sizes = await Promise.all(redis.nodes('master').map((node) => node.dbsize()));
  expect(sizes).toHaveLength(3);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
});

it('refuses a command whose keys lie on two slots, as production would', async () => {
  await expect(client().mget('{a}key', '{b}key')).rejects.toThrow(/CROSSSLOT|same slot/);
});

it('passes on what is published to a shard', async () => {
  const [subscriber, publisher] = [client(), client()];
  const channels = Array.from({ length: 6 }, () => uniqueId('channel'));
  const heard: string[] = [];
  subscriber.on('smessage', (channel: string, text: string) => heard.push(`${channel} ${text}`));
  for (const channel of channels) await subscriber.ssubscribe(channel);
  for (const channel of channels) await publisher.spublish(channel, 'hello');
  await waitFor(() => heard.length === channels.length, 'all messages arrive');
  expect(heard.toSorted()).toEqual(channels.map((channel) => `${channel} hello`).toSorted());
});
