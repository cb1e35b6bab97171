import { afterAll, beforeAll } from 'vitest';
import { loadConfig, signalingSettings } from '@parley/config';
import { RedisConnection, type Keys } from '@parley/redis-scripts';

export type Client = Parameters<Parameters<RedisConnection['command']>[1]>[0];
/** One server: the only one, or a master of a Cluster. */
export type Node = Exclude<Client, { isCluster: true }>;

/** A look into the Redis of a test. */
export interface Inside {
  readonly keys: Keys;
  readonly client: Client;
  readonly nodes: readonly Node[];
}

/**
 * Look into the Redis of a test, or do something to it that no service does.
 * @param env how a service finds it
 */
export async function inside<T>(
  env: Readonly<Record<string, string>>,
  look: (inside: Inside) => Promise<T>,
): Promise<T> {
  const connection = new RedisConnection(loadConfig(signalingSettings, env));
  await connection.connect();
  try {
    return await connection.command('look', (client) =>
      look({
        keys: connection.keys,
        client,
        nodes: 'nodes' in client ? client.nodes('master') : [client],
      }),
    );
  } finally {
    connection.close();
  }
}

/** How many members Redis knows in a room. */
export const membersIn = (env: Readonly<Record<string, string>>, roomId: string) =>
  inside(env, ({ client, keys }) => client.hlen(keys.room.members(roomId)));

/** How many messages are held in a room for the next one to join. */
export const heldIn = (env: Readonly<Record<string, string>>, roomId: string) =>
  inside(env, ({ client, keys }) => client.llen(keys.room.held(roomId)));

/** End all connections that are subscribed to something. */
export const cutSubscriptions = (env: Readonly<Record<string, string>>) =>
  inside(env, ({ nodes }) => Promise.all(nodes.map((node) => node.call('CLIENT', 'KILL', 'TYPE', 'pubsub'))));

/**
 * Asks again and again, over one connection for all tests of a file: the instances of the members that Redis knows in a
 * room, one for each member.
 */
export function useMembership(redis: { readonly env: Readonly<Record<string, string>> }) {
  let connection: RedisConnection | undefined;
  beforeAll(async () => {
    connection = new RedisConnection(loadConfig(signalingSettings, redis.env));
    await connection.connect();
  });
  afterAll(() => connection?.close());
  return async (roomId: string): Promise<string[]> => {
    const key = connection?.keys.room.members(roomId) ?? '';
    const members = await connection?.command('look', (client) => client.hvals(key));
    return (members ?? []).map((member) => member.split(' ', 1)[0] ?? '');
  };
}

/** Every instance that says that it lives, or did until a moment ago. */
export const instancesIn = (env: Readonly<Record<string, string>>) =>
  inside(env, ({ client, keys }) => client.zrange(keys.instance.leases(), '0', '-1'));

/** How long every key of a deployment lives, in milliseconds; -1: for ever. */
export const lifetimes = (env: Readonly<Record<string, string>>) =>
  inside(env, async ({ nodes }) => {
    const lives = new Map<string, number>();
    for (const node of nodes) {
      for (const key of await node.keys(`${env['REDIS_KEY_PREFIX'] ?? 'parley:'}*`)) {
        lives.set(key, await node.pttl(key));
      }
    }
    return lives;
  });
