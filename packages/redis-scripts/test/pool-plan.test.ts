import { describe, expect, it } from 'vitest';
import { planSteps } from '../src/pool/plan.js';
import type { HostKind } from '../src/index.js';

const KINDS: readonly HostKind[] = ['game', 'streaming'];
const KNOWN = [
  { region: 'eu', free: { streaming: 3, game: 0 }, rises: 0 },
  { region: 'us', free: { streaming: 1, game: 5 }, rises: 0 },
];

describe('where to look', () => {
  it('named regions: each once, in their order, with all kinds', () => {
    expect(planSteps({ regions: ['us', 'eu', 'us'], kinds: KINDS }, [])).toEqual([
      { region: 'us', kinds: KINDS },
      { region: 'eu', kinds: KINDS },
    ]);
  });

  it('no region: all regions for the best kind, then all for the next, drawn by their free slots', () => {
    const steps = planSteps({ kinds: KINDS }, KNOWN, () => 0.7);
    expect(steps).toEqual([
      { region: 'us', kinds: ['game'] },
      { region: 'eu', kinds: ['game'] },
      { region: 'eu', kinds: ['streaming'] },
      { region: 'us', kinds: ['streaming'] },
    ]);
  });

  it.each([
    [0, 'eu'],
    [0.74, 'eu'],
    [0.76, 'us'],
    [0.999, 'us'],
  ])('a draw of %d among 3 and 1 free slots begins with %s', (random, first) => {
    expect(planSteps({ kinds: ['streaming'] }, KNOWN, () => random)[0]?.region).toBe(first);
  });
});
