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
  /** Which of `servers` had the slot of a key when the Cluster was made. */
  masterOf(key: string): Promise<number>;
  /** End one of `servers` at once (SIGKILL). Its replica takes over after three to four seconds. */
  killMaster(index: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Start a Redis Cluster on loopback; resolves when every node says that it serves all slots, and every replica is in sync.
 * @param hasReplicas whether each master has a replica
 */
export async function startCluster(
  args: readonly string[] = [],
  hasReplicas = false,
): Promise<RunningCluster> {
  const clusterArgs = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...args];
  // By default a master waits five seconds for further replicas before it sends its data.
  clusterArgs.push('--repl-diskless-sync-delay', '0');
  const start = () => startRedis({ ignoreUrl: true, minVersion: MIN_VERSION, args: clusterArgs });
  const count = hasReplicas ? 2 * MASTERS : MASTERS;
  const started = await Promise.allSettled(Array.from({ length: count }, start));
  const all = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(all.map((server) => server.stop()));
  };
  const servers = all.slice(0, MASTERS);
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    await form(servers, all.slice(MASTERS));
  } catch (error) {
    await stop();
    throw error;
  }
  const nodes = all.map(({ url }) => addressOf(url)).join(',');
  return {
    nodes,
    env: { REDIS_CLUSTER_NODES: nodes },
    servers,
    masterOf: (key) => masterOf(servers[0]?.url ?? '', key),
    async killMaster(index) {
      const server = servers[index];
      if (server?.pid === undefined) throw new Error(`there is no master ${index}`);
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
    },
    stop,
  };
}

const SHARE = Math.ceil(SLOTS / MASTERS);

async function masterOf(url: string, key: string): Promise<number> {
  const slot = await withAdmin(url, (redis) => redis.call('CLUSTER', 'KEYSLOT', key));
  return Math.floor(Number(slot) / SHARE);
}

/** Make one Cluster out of single nodes, as `redis-cli --cluster create` does, without needing it. */
async function form(masters: readonly RunningRedis[], replicas: readonly RunningRedis[]): Promise<void> {
  const all = [...masters, ...replicas];
  const [first] = all.map(({ url }) => addressOf(url).split(':'));
  for (const [index, { url }] of all.entries()) {
    const last = Math.min(SLOTS, (index + 1) * SHARE) - 1;
    await withAdmin(url, async (redis) => {
      if (index < masters.length) await redis.call('CLUSTER', 'ADDSLOTSRANGE', index * SHARE, last);
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index > 0) await redis.call('CLUSTER', 'MEET', ...(first ?? []));
    });
  }
  await Promise.all(
    all.map(({ url }) => waitFor(() => isWhole(url, all.length), `${url} sees the whole Cluster`)),
  );
  await Promise.all(replicas.map(({ url }, index) => follow(url, masters[index]?.url ?? '')));
}

async function isWhole(url: string, nodes: number): Promise<boolean> {
  const info = await withAdmin(url, (redis) => redis.call('CLUSTER', 'INFO'));
  return (
    infoField(info, 'cluster_state') === 'ok' &&
    infoField(info, 'cluster_slots_ok') === String(SLOTS) &&
    infoField(info, 'cluster_known_nodes') === String(nodes)
  );
}

/** Make a node the replica of a master, and wait until it is in sync. */
async function follow(url: string, masterUrl: string): Promise<void> {
  const id = await withAdmin(masterUrl, (redis) => redis.call('CLUSTER', 'MYID'));
  await withAdmin(url, (redis) => redis.call('CLUSTER', 'REPLICATE', String(id)));
  await waitFor(async () => {
    const info = await withAdmin(url, (redis) => redis.info('replication'));
    return infoField(info, 'master_link_status') === 'up';
  }, `${url} is in sync`);
}

/** Start a Redis Cluster for this test file, and stop it at its end. Call it at the top level of the file. */
export function useCluster(args: readonly string[] = [], hasReplicas = false): Omit<RunningCluster, 'stop'> {
  let running: RunningCluster | undefined;
  const started = () => {
    if (running === undefined) throw new Error("the file's beforeAll has not run yet");
    return running;
  };
  beforeAll(async () => {
    running = await startCluster(args, hasReplicas);
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
    masterOf: (key) => started().masterOf(key),
    killMaster: (index) => started().killMaster(index),
  };
}
