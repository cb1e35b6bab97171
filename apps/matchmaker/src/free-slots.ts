import type { RegionFree } from '@parley/redis-scripts';
import type { Metrics } from '@parley/runtime';

/** Hosts name their regions: however many they think of, there are no more series than these. */
const REGIONS_MAX = 100;
const OTHER = 'other';

/** Tells the free slots of each region. The reaper alone does: it reads them anyway, and others would count them twice. */
export class FreeSlots {
  readonly #gauge;

  constructor(metrics: Metrics) {
    this.#gauge = metrics.gaugeBy('free_slots', 'Slots that can be promised; told by the reaper', [
      'region',
      'kind',
    ]);
  }

  /** Say how it is now; a region that is not among these is told no more. */
  show(regions: readonly RegionFree[]): void {
    this.#gauge.reset();
    const byName = regions.toSorted((a, b) => (a.region < b.region ? -1 : 1));
    for (const [at, { region, free }] of byName.entries()) {
      const name = at < REGIONS_MAX ? region : OTHER;
      for (const kind of ['streaming', 'game'] as const) this.#gauge.inc({ region: name, kind }, free[kind]);
    }
  }

  /** This one does not know any more. */
  hide(): void {
    this.#gauge.reset();
  }
}
