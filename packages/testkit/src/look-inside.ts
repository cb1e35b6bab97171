import { Cluster, Redis } from 'ioredis';

/** What a Redis holds, of whatever kind it is. */
export interface Inside {
  /** Names of keys, in no order; `*` stands for anything. */
  keys(pattern: string): Promise<string[]>;
  /** The fields of a hash. */
  hash(key: string): Promise<Record<string, string>>;
  /** The members of a sorted set, with their scores. */
  scores(key: string): Promise<Map<string, number>>;
}

/**
 * Look into the Redis of a test, to see that something is not there.
 * @param env how a service finds it
 */
export async function lookInside<T>(
  env: Readonly<Record<string, string>>,
  look: (inside: Inside) => Promise<T>,
): Promise<T> {
  const client = clientOf(env);
  client.on('error', () => {});
  try {
    // A Cluster knows its nodes only once it was asked for something.
    await client.exists('none');
    return await look(insideOf(client));
  } finally {
    client.disconnect();
  }
}

function clientOf(env: Readonly<Record<string, string>>): Redis | Cluster {
  const { REDIS_CLUSTER_NODES: nodes, REDIS_SENTINELS: sentinels, REDIS_SENTINEL_NAME: name = '' } = env;
  if (nodes !== undefined) return new Cluster(nodes.split(','));
  if (sentinels === undefined) return new Redis(env['REDIS_URL'] ?? '');
  const addresses = sentinels.split(',').map((address) => new URL(`redis://${address}`));
  return new Redis({
    sentinels: addresses.map(({ hostname, port }) => ({ host: hostname, port: Number(port) })),
    name,
  });
}

function insideOf(client: Redis | Cluster): Inside {
  return {
    async keys(pattern) {
      const masters = 'nodes' in client ? client.nodes('master') : [client];
      return (await Promise.all(masters.map((node) => node.keys(pattern)))).flat();
    },
    hash: (key) => client.hgetall(key),
    async scores(key) {
      const flat = ((await client.call('ZRANGE', key, '0', '-1', 'WITHSCORES')) as unknown[])
        .flat()
        .map(String);
      const scores = new Map<string, number>();
      for (let at = 0; at + 1 < flat.length; at += 2) scores.set(flat[at] ?? '', Number(flat[at + 1]));
      return scores;
    },
  };
}
