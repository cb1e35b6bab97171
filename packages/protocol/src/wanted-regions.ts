/** The three ways in which a client may name regions (contract §2, §3). */
interface RegionWishes {
  readonly region?: string | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly latencies?: Readonly<Record<string, number | null>> | undefined;
}

/** Regions that a client could reach, nearest first; equals in the order in which the client named them. */
function byLatency(latencies: Readonly<Record<string, number | null>>): string[] {
  const reached = Object.entries(latencies).flatMap(([region, ms]) => (ms === null ? [] : [{ region, ms }]));
  return reached.toSorted((a, b) => a.ms - b.ms).map(({ region }) => region);
}

/** Regions to look at, best first; undefined for all. Each of the three ways to name them is also a filter. */
export function wantedRegions({ region, regions, latencies }: RegionWishes): string[] | undefined {
  const filters = [regions, region === undefined ? undefined : [region]].filter((each) => each !== undefined);
  const ordered = latencies ? byLatency(latencies) : filters[0];
  return ordered?.filter((name) => filters.every((names) => names.includes(name)));
}
