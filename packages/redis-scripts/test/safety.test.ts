import { startRedis } from '@parley/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { unsafeBecause } from '../src/connection/safety.js';
import { UnsafeRedisError } from '../src/index.js';
import { useConnections } from './support.js';

const connect = useConnections();
const stops: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

const info = (version: string, policy: string) =>
  `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\n# Memory\r\nmaxmemory_policy:${policy}\r\n`;

describe('a Redis is refused', () => {
  it.each([
    ['6.0.16', 'standalone', /6\.0\.16 is too old.*6\.2/],
    ['5.0.9', 'standalone', /too old/],
    ['6.2.14', 'cluster', /cluster needs 7\.0/],
    ['', 'standalone', /too old/],
  ] as const)('of version %s as %s', (version, mode, reason) => {
    expect(unsafeBecause(info(version, 'noeviction'), mode)).toMatch(reason);
  });

  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])('that evicts: %s', (policy) => {
    expect(unsafeBecause(info('7.0.15', policy), 'standalone')).toMatch(`maxmemory-policy is ${policy}`);
  });

  it('at connect, with the reason, on a real one', async () => {
    const { url, stop } = await startRedis({ ignoreUrl: true, args: ['--maxmemory-policy', 'allkeys-lru'] });
    stops.push(stop);
    const refused = connect({ REDIS_URL: url });
    await expect(refused).rejects.toThrow(UnsafeRedisError);
    await expect(refused).rejects.toThrow(/set it to noeviction/);
  });
});

describe('a Redis is taken', () => {
  it.each([
    ['6.2.0', 'standalone'],
    ['7.0.15', 'cluster'],
    ['10.1.0', 'standalone'],
  ] as const)('of version %s as %s', (version, mode) => {
    expect(unsafeBecause(info(version, 'noeviction'), mode)).toBeUndefined();
  });

  it('that does not tell its policy, as some hosted ones', () => {
    expect(unsafeBecause('redis_version:7.2.4\r\n', 'standalone')).toBeUndefined();
  });
});
