import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { useStore } from '@parley/testkit';
import { ModelledRoom } from './support/modelled-room.js';
import { useMembership } from './support/redis.js';
import { replay } from './support/replay.js';
import { layouts, useSignaling, type TestInstance } from './support/signaling.js';

/** What a random history is made of; a number chooses which member, or which instance. */
type Step =
  | { readonly do: 'join'; readonly on: number; readonly sendsAtOpen: number }
  | { readonly do: 'send'; readonly who: number; readonly count: number }
  | { readonly do: 'leave'; readonly who: number; readonly abruptly: boolean }
  | { readonly do: 'wait' };

const some = <T extends string>(name: T) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: some('join'), on: fc.nat(1), sendsAtOpen: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: some('send'), who: fc.nat(1), count: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: some('leave'), who: fc.nat(1), abruptly: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: some('wait') }) },
);

const store = useStore();
const membership = useMembership(store);

async function run(instances: readonly TestInstance[], steps: readonly Step[]): Promise<void> {
  const room = new ModelledRoom(membership);
  for (const each of steps) {
    const place = 'on' in each ? instances[each.on % instances.length] : undefined;
    if (each.do === 'join' && place) await room.join(place, each.sendsAtOpen);
    else if (each.do === 'send') room.send(each.who, each.count);
    else if (each.do === 'leave') await room.leave(each.who, each.abruptly);
    else await room.settle();
  }
  await room.end();
}

describe.each(layouts)('any history of joins, sends and leaves on $layout', ({ count }) => {
  const signaling = useSignaling(store, count);

  it('loses nothing, repeats nothing, and keeps the order', { timeout: 120_000 }, async () => {
    const histories = fc.array(step, { minLength: 3, maxLength: 20 });
    const property = fc.asyncProperty(histories, (steps) => run(signaling.instances, steps));
    await fc.assert(property, { numRuns: 60, ...replay });
  });
});
