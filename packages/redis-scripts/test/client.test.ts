import { describe, expect, it } from 'vitest';
import type { Cluster, Redis } from 'ioredis';
import { createClient } from '../src/connection/client.js';
import { redisConfig } from './support.js';

/** The options of a client that never connects. */
function options(env: Record<string, string>) {
  return (createClient(redisConfig(env)) as Redis).options;
}

/** The nodes that a Cluster client starts from. */
function startupNodes(env: Record<string, string>) {
  const client = createClient(redisConfig(env)) as Cluster;
  expect(client.isCluster).toBe(true);
  return { nodes: Reflect.get(client, 'startupNodes') as unknown, options: client.options };
}

describe('REDIS_URL', () => {
  it.each([
    ['redis://127.0.0.1:7000', { host: '127.0.0.1', port: 7000, db: 0 }],
    ['redis://redis.example', { host: 'redis.example', port: 6379 }],
    ['redis://[::1]:7001', { host: '::1', port: 7001 }],
    ['redis://[2001:db8::7]', { host: '2001:db8::7', port: 6379 }],
    ['redis://127.0.0.1/5', { host: '127.0.0.1', port: 6379, db: 5 }],
    ['redis://me:p%40ss%2Fword@127.0.0.1', { username: 'me', password: 'p@ss/word' }],
    ['redis://:only@127.0.0.1', { username: null, password: 'only' }],
  ])('%s', (url, expected) => {
    expect(options({ REDIS_URL: url })).toMatchObject(expected);
  });

  it('uses TLS for rediss:// only', () => {
    expect(options({ REDIS_URL: 'rediss://127.0.0.1' }).tls).toBeDefined();
    expect(options({ REDIS_URL: 'redis://127.0.0.1' }).tls).toBeUndefined();
  });
});

describe('REDIS_CLUSTER_NODES', () => {
  it('makes a Cluster of the nodes, with IPv6 and default ports', () => {
    const { nodes } = startupNodes({ REDIS_CLUSTER_NODES: '10.0.0.1:7000, [2001:db8::1]:7001,other' });
    expect(nodes).toEqual([
      { host: '10.0.0.1', port: 7000 },
      { host: '2001:db8::1', port: 7001 },
      { host: 'other', port: 6379 },
    ]);
  });

  it('takes user, password and TLS from REDIS_URL', () => {
    const env = { REDIS_CLUSTER_NODES: 'a:1', REDIS_URL: 'rediss://u:p@ignored' };
    expect(startupNodes(env).options.redisOptions).toMatchObject({ username: 'u', password: 'p', tls: {} });
  });
});

describe('REDIS_SENTINELS', () => {
  it('asks the Sentinels for the named master, with the database and password of REDIS_URL', () => {
    const env = {
      REDIS_SENTINELS: '10.0.0.1:26379,[::1]:26380',
      REDIS_SENTINEL_NAME: 'games',
      REDIS_URL: 'redis://:p@ignored/3',
    };
    expect(options(env)).toMatchObject({
      sentinels: [
        { host: '10.0.0.1', port: 26379 },
        { host: '::1', port: 26380 },
      ],
      name: 'games',
      password: 'p',
      db: 3,
    });
  });
});
