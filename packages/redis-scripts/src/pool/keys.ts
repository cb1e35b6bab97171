import type { Keys } from '../keys.js';

/** Regions whose keys are remembered; clients name regions too, so there may be any number. */
const REMEMBERED_MAX = 1_000;

function spell({ pool }: Keys, region: string) {
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

/** All keys of one region's pool, by the names that its scripts give them. */
export type RegionKeys = ReturnType<typeof spell>;

const remembered = new WeakMap<Keys, Map<string, RegionKeys>>();

/** The keys of a region; remembered, since spelling ten keys takes a tenth of a match's time. */
export function regionKeys(keys: Keys, region: string): RegionKeys {
  let known = remembered.get(keys);
  if (!known || known.size > REMEMBERED_MAX) remembered.set(keys, (known = new Map()));
  let found = known.get(region);
  if (!found) known.set(region, (found = spell(keys, region)));
  return found;
}
