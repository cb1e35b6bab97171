import type { PoolStore } from '../src/index.js';
import type { Evidence } from '../src/signaling/types.js';
import { members, report, STREAMING, type usePools } from './pool-support.js';

/** A streaming host in a pool of its own, and how to tell who is in its room. */
export function useStreamingHosts(pools: ReturnType<typeof usePools>) {
  return async (capacity = 1, times = {}) => {
    const pool = await pools(times);
    const host = report({ capacity });
    await pool.heartbeat(host);
    let version = 0;
    const room = (present: Record<string, Evidence>, at = ++version) =>
      pool.reportPresence({ ...host, version: at, members: members(present) });
    return { pool, host, room };
  };
}

/** Ask for one slot. */
export const find = async (pool: PoolStore) => (await pool.allocate(STREAMING)).outcome;

/** What the pool shows of its only host. */
export async function shown(pool: PoolStore) {
  const page = await pool.listHosts({ limit: 10 });
  const { free, leases, sessions } = page?.hosts[0] ?? {};
  return { free, leases, sessions };
}
