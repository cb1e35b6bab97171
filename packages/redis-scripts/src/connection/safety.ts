import type { Cluster, Redis } from 'ioredis';
import { UnsafeRedisError } from './errors.js';

/** 6.2 has all that the scripts use; sharded pub/sub on a Cluster came with 7.0. */
const MINIMUM = { standalone: [6, 2], cluster: [7, 0] } as const;

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}

/**
 * Why a Redis must not be used, from its `INFO`; undefined if it may.
 * Eviction would silently drop leases and memberships; an old version lacks commands that the scripts use.
 */
export function unsafeBecause(info: string, mode: keyof typeof MINIMUM): string | undefined {
  const version = field(info, 'redis_version');
  const policy = field(info, 'maxmemory_policy');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor, needMinor] = MINIMUM[mode];
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    return `Redis ${version} is too old: ${mode} needs ${needMajor}.${needMinor} or later`;
  }
  if (policy !== '' && policy !== 'noeviction') {
    return `maxmemory-policy is ${policy}: Redis would drop leases and memberships; set it to noeviction`;
  }
  return undefined;
}

/** Check every Redis behind a client. @throws UnsafeRedisError with the reason and the remedy */
export async function assertSafe(client: Redis | Cluster): Promise<void> {
  const mode = client.isCluster ? 'cluster' : 'standalone';
  const nodes = 'nodes' in client ? client.nodes('master') : [client];
  for (const node of nodes) {
    // One section a call: a single INFO takes several section names only since 7.0.
    const info = `${await node.info('server')}\n${await node.info('memory')}`;
    const reason = unsafeBecause(info, mode);
    if (reason) throw new UnsafeRedisError(reason);
  }
}
