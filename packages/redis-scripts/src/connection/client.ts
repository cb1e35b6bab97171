import { Cluster, Redis } from 'ioredis';
import type { RedisConfig } from '@parley/config';

const RETRY_BASE_MS = 50;
const RETRY_MAX_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;

/** Exponential backoff with jitter, so that a fleet does not knock on a restarted Redis in step. */
function retryDelayMs(attempt: number): number {
  const ceilingMs = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(attempt, 10));
  return ceilingMs / 2 + (Math.random() * ceilingMs) / 2;
}

function parseNode(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
}

/** User, password, database and TLS: from the URL also where Cluster or Sentinel name the addresses. */
function credentials(url: URL, ca: string | undefined) {
  return {
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: ca === undefined ? {} : { ca } }),
  };
}

/**
 * Create the client that the settings describe; it does not connect yet.
 * Commands never queue while disconnected: who asks gets an answer or a refusal, within the command timeout.
 */
export function createClient(config: RedisConfig): Redis | Cluster {
  const url = new URL(config.REDIS_URL);
  const connection = {
    ...credentials(url, config.REDIS_CA),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: config.REDIS_COMMAND_TIMEOUT_MS,
  };
  const noQueue = { lazyConnect: true, enableOfflineQueue: false };
  if (config.REDIS_CLUSTER_NODES.length > 0) {
    return new Cluster(config.REDIS_CLUSTER_NODES.map(parseNode), {
      ...noQueue,
      shardedSubscribers: true,
      clusterRetryStrategy: retryDelayMs,
      redisOptions: connection,
    });
  }
  const single = {
    ...connection,
    ...noQueue,
    db: Number(url.pathname.slice(1) || 0),
    retryStrategy: retryDelayMs,
  };
  if (config.REDIS_SENTINELS.length === 0) return new Redis({ ...single, ...parseNode(url.host) });
  return new Redis({
    ...single,
    sentinels: config.REDIS_SENTINELS.map(parseNode),
    name: config.REDIS_SENTINEL_NAME,
    // Without these the client would speak in the clear, to the Sentinels and to the master, whatever `tls` says.
    ...(connection.tls && { enableTLSForSentinelMode: true, sentinelTLS: connection.tls }),
    sentinelRetryStrategy: retryDelayMs,
  });
}
