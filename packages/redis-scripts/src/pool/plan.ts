import type { RegionFree } from './regions.js';
import type { AllocationRequest, HostKind } from './types.js';

/** One place to look: a region, and the kinds of host that will do there, best first. */
export interface Step {
  readonly region: string;
  readonly kinds: readonly HostKind[];
}

/** One of several, each with a chance in proportion to its weight; the first where all weigh nothing. */
function draw(regions: readonly RegionFree[], weight: (each: RegionFree) => number, random: number): number {
  let left = random * regions.reduce((sum, each) => sum + weight(each), 0);
  for (const [at, each] of regions.entries()) {
    left -= weight(each);
    if (left < 0) return at;
  }
  return 0;
}

/** Regions for one kind of host: drawn by free slots, without putting any back. */
function shuffle(regions: readonly RegionFree[], kind: HostKind, random: () => number): string[] {
  const left = [...regions];
  const order: string[] = [];
  while (left.length > 0) {
    const [next] = left.splice(
      draw(left, ({ free }) => free[kind], random()),
      1,
    );
    if (next) order.push(next.region);
  }
  return order;
}

/**
 * Where to look for a slot, in order. Named regions come in their own order, each with all kinds of host, since the
 * client's wish for a place outweighs ours for a kind. Without a name, each kind in turn looks through all regions,
 * drawn by their free slots so that load spreads as the pool does.
 * @param known regions of the pool, for a request that names none
 * @param random numbers from 0 to 1
 */
export function planSteps(
  { regions, kinds }: Pick<AllocationRequest, 'regions' | 'kinds'>,
  known: readonly RegionFree[],
  random: () => number = Math.random,
): Step[] {
  if (regions) return [...new Set(regions)].map((region) => ({ region, kinds }));
  return kinds.flatMap((kind) => shuffle(known, kind, random).map((region) => ({ region, kinds: [kind] })));
}
