import type { FindRequest } from '@parley/protocol';
import type { AllocationRequest } from '@parley/redis-scripts';

/** Regions that a client could reach, nearest first; equals in the order in which the client named them. */
function byLatency(latencies: Readonly<Record<string, number | null>>): string[] {
  const reached = Object.entries(latencies).flatMap(([region, ms]) => (ms === null ? [] : [{ region, ms }]));
  return reached.sort((a, b) => a.ms - b.ms).map(({ region }) => region);
}

/** Regions to look at, best first; undefined for all. Each of the three ways to name them is also a filter. */
function wantedRegions({ region, regions, latencies }: FindRequest): string[] | undefined {
  const filters = [regions, region === undefined ? undefined : [region]].filter((each) => each !== undefined);
  const ordered = latencies ? byLatency(latencies) : filters[0];
  return ordered?.filter((name) => filters.every((names) => names.includes(name)));
}

/** What the pool is asked for, from what a client asked for (contract §2). */
export function toAllocationRequest(body: FindRequest): AllocationRequest {
  const anyKind = body.hostId !== undefined && body.kind === undefined;
  return {
    regions: wantedRegions(body),
    hostId: body.hostId,
    kinds: anyKind ? ['streaming', 'game'] : [body.kind ?? 'streaming'],
    seats: body.seats,
    strategy: body.strategy,
  };
}
