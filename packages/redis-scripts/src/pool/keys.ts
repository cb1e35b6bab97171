import type { Keys } from '../keys.js';

/** All keys of one region's pool, by the names that its scripts give them. */
export function regionKeys({ pool }: Keys, region: string) {
  return {
    hosts: pool.hosts(region),
    state: pool.state(region),
    freeStreaming: pool.free(region, 'streaming'),
    loadStreaming: pool.load(region, 'streaming'),
    freeGame: pool.free(region, 'game'),
    loadGame: pool.load(region, 'game'),
    leases: pool.leases(region),
    leaseHosts: pool.leaseHosts(region),
    hostLeases: pool.hostLeases(region),
    totals: pool.totals(region),
  };
}
