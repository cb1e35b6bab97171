import { startRedis, type RunningRedis } from '@parley/embedded-redis';
import { afterAll, beforeAll } from 'vitest';
import { addressOf, infoField, withAdmin } from './redis-admin.js';
import { waitFor } from './wait-for.js';

const MASTERS = 3;
const SLOTS = 16_384;
/** Sharded pub/sub, which the services use on a Cluster, came with this one. */
const MIN_VERSION = '7.0.0';

/** A real Redis Cluster of three masters. */
export interface RunningCluster {
  /** For REDIS_CLUSTER_NODES. */
  readonly nodes: string;
  /** How a service finds it. */
  readonly env: { readonly REDIS_CLUSTER_NODES: string };
  /** One a master, in the order of their slots. */
  readonly servers: readonly RunningRedis[];
  stop(): Promise<void>;
}

/** Start a Redis Cluster on loopback; resolves when every node says that it serves all slots. */
export async function startCluster(args: readonly string[] = []): Promise<RunningCluster> {
  const clusterArgs = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...args];
  const start = () => startRedis({ ignoreUrl: true, minVersion: MIN_VERSION, args: clusterArgs });
  const started = await Promise.allSettled(Array.from({ length: MASTERS }, start));
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    await form(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  const nodes = servers.map(({ url }) => addressOf(url)).join(',');
  return { nodes, env: { REDIS_CLUSTER_NODES: nodes }, servers, stop };
}

/** Make one Cluster out of single nodes, as `redis-cli --cluster create` does, without needing it. */
async function form(servers: readonly RunningRedis[]): Promise<void> {
  const share = Math.ceil(SLOTS / servers.length);
  const [first] = servers.map(({ url }) => addressOf(url).split(':'));
  for (const [index, { url }] of servers.entries()) {
    const last = Math.min(SLOTS, (index + 1) * share) - 1;
    await withAdmin(url, async (redis) => {
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last);
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index > 0) await redis.call('CLUSTER', 'MEET', ...(first ?? []));
    });
  }
  await Promise.all(servers.map(({ url }) => waitFor(() => isWhole(url), `${url} sees the whole Cluster`)));
}

async function isWhole(url: string): Promise<boolean> {
  const info = await withAdmin(url, (redis) => redis.call('CLUSTER', 'INFO'));
  return (
    infoField(info, 'cluster_state') === 'ok' &&
    infoField(info, 'cluster_slots_ok') === String(SLOTS) &&
    infoField(info, 'cluster_known_nodes') === String(MASTERS)
  );
}

/** Start a Redis Cluster for this test file, and stop it at its end. Call it at the top level of the file. */
export function useCluster(args: readonly string[] = []): Omit<RunningCluster, 'stop'> {
  let running: RunningCluster | undefined;
  beforeAll(async () => {
    running = await startCluster(args);
  });
  afterAll(() => running?.stop());
  return {
    get nodes() {
      return running?.nodes ?? '';
    },
    get env() {
      return { REDIS_CLUSTER_NODES: running?.nodes ?? '' };
    },
    get servers() {
      return running?.servers ?? [];
    },
  };
}
