import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { uniqueId, useSentinel, waitFor } from '../src/index.js';

const clients: Redis[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.disconnect()));

describe.each([1, 3])('a master watched by %i', (count) => {
  const sentinel = useSentinel(count);

  it('is replaced by its replica, with its data, when it is killed', async () => {
    const { REDIS_SENTINELS, REDIS_SENTINEL_NAME } = sentinel.env;
    const sentinels = REDIS_SENTINELS.split(',').map((address) => {
      const [host = '', port] = address.split(':');
      return { host, port: Number(port) };
    });
    expect(sentinels).toHaveLength(count);
    const redis = new Redis({ sentinels, name: REDIS_SENTINEL_NAME, maxRetriesPerRequest: null });
    redis.on('error', () => {});
    clients.push(redis);
    const key = uniqueId('key');
    await redis.set(key, 'before');
    expect(await redis.wait(1, 5_000)).toBe(1);

    const before = await sentinel.masterUrl();
    await sentinel.killMaster();
    const after = await waitFor(async () => {
      const url = await sentinel.masterUrl();
      return url === before ? undefined : url;
    }, 'another master is named');
    expect(await redis.get(key)).toBe('before');
    await waitFor(async () => (await redis.set(key, 'after')) === 'OK', 'the new master takes writes');
    const direct = new Redis(after);
    clients.push(direct);
    expect(await direct.get(key)).toBe('after');
  });
});
