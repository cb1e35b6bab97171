import { Redis } from 'ioredis';
import { afterAll, expect, it } from 'vitest';
import { useRedis, waitFor } from '../src/index.js';

const redis = useRedis();
let client: Redis | undefined;
afterAll(() => client?.disconnect());

function connected(): Redis {
  if (client !== undefined) return client;
  client = new Redis(redis.env.REDIS_URL, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => {});
  return client;
}

it('answers nothing while it is paused, and everything once it goes on', async () => {
  await connected().ping();
  redis.pause();
  let answered = false;
  const asked = connected()
    .set('key', 'value')
    .then(() => (answered = true));
  const other = new Redis(redis.url, { commandTimeout: 200, retryStrategy: null });
  other.on('error', () => {});
  await expect(other.ping()).rejects.toThrow('timed out');
  other.disconnect();
  expect(answered).toBe(false);
  redis.resume();
  await asked;
  expect(await connected().get('key')).toBe('value');
});

it('comes back empty on the same port', async () => {
  const { url } = redis;
  await connected().set('key', 'value');
  await redis.restart();
  expect(redis.url).toBe(url);
  expect(await connected().get('key')).toBe(null);
});

it('is gone while it is stopped, even if it was paused', async () => {
  redis.pause();
  await redis.stop();
  await waitFor(() => connected().status !== 'ready', 'the connection breaks');
  await redis.restart();
  expect(await connected().ping()).toBe('PONG');
});
