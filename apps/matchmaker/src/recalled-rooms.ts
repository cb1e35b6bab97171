import type { Metrics } from '@parley/runtime';

/** Counts the rooms that Redis had lost. Both series begin at 0: Prometheus sees no growth in one that begins at 1. */
export function countRecalled(metrics: Metrics): (hasSlot: boolean) => void {
  const recalled = metrics.counter(
    'rooms_recalled_total',
    'Rooms written again that Redis had lost, by whether they have a slot',
    ['slot'],
  );
  for (const slot of ['held', 'none']) recalled.inc({ slot }, 0);
  return (hasSlot) => recalled.inc({ slot: hasSlot ? 'held' : 'none' });
}
