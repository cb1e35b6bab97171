import { Redis } from 'ioredis';

/** Ask one Redis server (or Sentinel) itself, over a connection for this purpose alone. */
export async function withAdmin<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, protocol: 2 });
  // Whoever asked gets the error from the command.
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** The address of a server as `host:port`. */
export function addressOf(url: string): string {
  return new URL(url).host;
}

/** A field of what INFO, CLUSTER INFO and the like print; undefined when it is not there. */
export function infoField(info: unknown, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(String(info))?.[1];
}
