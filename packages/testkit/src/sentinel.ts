import { startRedis, type RunningRedis } from '@parley/embedded-redis';
import { afterAll, beforeAll } from 'vitest';
import { addressOf, infoField, withAdmin } from './redis-admin.js';
import { waitFor } from './wait-for.js';

const NAME = 'mymaster';
const DOWN_AFTER_MS = 500;
const FAILOVER_TIMEOUT_MS = 3_000;
/** A sentinel finds the others by messages that each sends every two seconds. */
const DISCOVERY_TIMEOUT_MS = 20_000;

/** A real master and replica, watched by Sentinels. */
export interface RunningSentinel {
  /** How a service finds the master. */
  readonly env: Readonly<Record<'REDIS_SENTINELS' | 'REDIS_SENTINEL_NAME', string>>;
  /** The URL of the server that the Sentinels name as the master right now. */
  masterUrl(): Promise<string>;
  /** End the current master at once (SIGKILL). The Sentinels replace it by the replica after about a second. */
  killMaster(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Start a master, a replica and `sentinels` (1 to 3) Sentinels on loopback, of which most must agree on a failover.
 * Resolves when a failover would work: the replica is in sync, and every Sentinel knows it and the other Sentinels.
 */
export async function startSentinel(sentinels = 1): Promise<RunningSentinel> {
  const started: RunningRedis[] = [];
  const start = async (args: readonly string[]) => {
    const server = await startRedis({ ignoreUrl: true, args });
    started.push(server);
    return server;
  };
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    return { ...(await watchedPair(start, sentinels)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function watchedPair(
  start: (args: readonly string[]) => Promise<RunningRedis>,
  sentinels: number,
): Promise<Omit<RunningSentinel, 'stop'>> {
  // By default a master waits five seconds for further replicas before it sends its data.
  const atOnce = ['--repl-diskless-sync-delay', '0'];
  const master = await start(atOnce);
  const replica = await start([...atOnce, '--replicaof', ...addressOf(master.url).split(':')]);
  await waitFor(() => isInSync(replica.url), 'the replica is in sync');
  const watchers = await Promise.all(Array.from({ length: sentinels }, () => start(['--sentinel'])));
  const quorum = Math.floor(sentinels / 2) + 1;
  for (const { url } of watchers) await watch(url, master.url, quorum);
  const ready = ({ url }: RunningRedis) => knowsAll(url, sentinels - 1);
  for (const watcher of watchers) {
    await waitFor(() => ready(watcher), 'the Sentinel knows everybody', DISCOVERY_TIMEOUT_MS);
  }
  const masterUrl = () => askForMaster(watchers[0]?.url ?? '');
  return {
    env: {
      REDIS_SENTINELS: watchers.map(({ url }) => addressOf(url)).join(','),
      REDIS_SENTINEL_NAME: NAME,
    },
    masterUrl,
    async killMaster() {
      const url = await masterUrl();
      const current = [master, replica].find((server) => server.url === url);
      if (current?.pid === undefined) throw new Error(`${url} is none of ours`);
      process.kill(current.pid, 'SIGKILL');
      await current.stop();
    },
  };
}

async function isInSync(replicaUrl: string): Promise<boolean> {
  const info = await withAdmin(replicaUrl, (redis) => redis.info('replication'));
  return infoField(info, 'master_link_status') === 'up';
}

async function watch(sentinelUrl: string, masterUrl: string, quorum: number): Promise<void> {
  await withAdmin(sentinelUrl, async (sentinel) => {
    await sentinel.call('SENTINEL', 'MONITOR', NAME, ...addressOf(masterUrl).split(':'), quorum);
    await sentinel.call('SENTINEL', 'SET', NAME, 'down-after-milliseconds', DOWN_AFTER_MS);
    await sentinel.call('SENTINEL', 'SET', NAME, 'failover-timeout', FAILOVER_TIMEOUT_MS);
  });
}

async function knowsAll(sentinelUrl: string, others: number): Promise<boolean> {
  const reply = await withAdmin(sentinelUrl, (sentinel) => sentinel.call('SENTINEL', 'MASTER', NAME));
  const fields = reply as string[];
  const field = (name: string) => Number(fields[fields.indexOf(name) + 1]);
  return field('num-slaves') === 1 && field('num-other-sentinels') === others;
}

async function askForMaster(sentinelUrl: string): Promise<string> {
  const reply = await withAdmin(sentinelUrl, (sentinel) =>
    sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME),
  );
  return `redis://${(reply as string[]).join(':')}`;
}

/** Start a watched pair for this test file, and stop it at its end. Call it at the top level of the file. */
export function useSentinel(sentinels = 1): Omit<RunningSentinel, 'stop'> {
  let running: RunningSentinel | undefined;
  const started = () => {
    if (running === undefined) throw new Error("the file's beforeAll has not run yet");
    return running;
  };
  beforeAll(async () => {
    running = await startSentinel(sentinels);
  });
  afterAll(() => running?.stop());
  return {
    get env() {
      return started().env;
    },
    masterUrl: () => started().masterUrl(),
    killMaster: () => started().killMaster(),
  };
}
