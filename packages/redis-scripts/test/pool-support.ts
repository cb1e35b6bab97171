import type { afterAll } from 'vitest';
import { uniqueId, useCluster, useRedis } from '@parley/testkit';
import {
  PoolStore,
  reportPresence,
  type HostReport,
  type RedisConnection,
  type PoolOptions,
  type Presence,
} from '../src/index.js';
import type { Evidence } from '../src/signaling/types.js';
import { useConnections } from './support.js';

/** Times of a test's pool, seconds. */
interface Times {
  readonly HOST_TTL_SECONDS?: number;
  readonly LEASE_TTL_SECONDS?: number;
}

type Environment = { readonly env: Readonly<Record<string, string>> };

let shared: Environment | undefined;

/** A pool, and what signaling tells it. */
export type TestPool = PoolStore & { reportPresence(presence: Presence): Promise<string> };

/** Connections of this file's tests, each with keys of its own, to a Redis of this file alone. */
export function useConnection(until?: typeof afterAll) {
  const redis = (shared ??= process.env['POOL_TESTS_ON'] === 'cluster' ? useCluster() : useRedis());
  const connect = useConnections(until);
  return () => connect({ ...redis.env, REDIS_KEY_PREFIX: `${uniqueId('pool')}:` });
}

/** Pools of this file's tests. */
export function usePools() {
  const connect = useConnection();
  return async (times: Times = {}, options: PoolOptions = {}): Promise<TestPool> => {
    const connection = await connect();
    return Object.assign(
      new PoolStore(connection, { HOST_TTL_SECONDS: 30, LEASE_TTL_SECONDS: 30, ...times }, options),
      { reportPresence: (presence: Presence) => reportPresence(connection, presence) },
    );
  };
}

/** The same connection, but something happens before each command or script, by its name; if that fails, so does it. */
export function intercept(
  redis: RedisConnection,
  happens: (name: string) => Promise<void> | void,
): RedisConnection {
  const run: RedisConnection['run'] = async (script, input) => {
    await happens(script.name);
    return redis.run(script, input);
  };
  const command: RedisConnection['command'] = async (name, send) => {
    await happens(name);
    return redis.command(name, send);
  };
  const own = { run: { value: run }, command: { value: command }, isCluster: { value: redis.isCluster } };
  return Object.create(redis, own) as RedisConnection;
}

/** What a host says that always says idle, with one slot: the real ones do. */
export function report(fields: Partial<HostReport> = {}): HostReport {
  const hostId = fields.hostId ?? uniqueId('host');
  const capacity = fields.capacity ?? 1;
  return {
    hostId,
    region: 'eu',
    roomId: `room-${hostId}`,
    status: 'idle',
    capacity,
    availableSlots: capacity,
    ...fields,
  };
}

/** Members of a room, written as `{name: evidence}` in the order they joined. */
export function members(evidence: Record<string, Evidence>) {
  return Object.entries(evidence).map(([memberId, shown]) => ({ memberId, evidence: shown }));
}

export const STREAMING = { kinds: ['streaming'] } as const;
