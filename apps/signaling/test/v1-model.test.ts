import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useCluster, useRedis } from '@parley/testkit';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';
import { V1History, type Fleet, type Step } from './support/v1-model.js';

/** Each instance that ends takes a part of a limit with it, so each history has an address of its own. */
const env = { ROOM_CAPACITY: '4', TRUST_PROXY: '1' };

const nat = fc.nat(7);
const beginning: Step[] = [0, 1].map((on) => ({ do: 'join', on, plain: false }));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('join' as const), on: nat, plain: fc.boolean() }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        who: nat,
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sendTo' as const), who: nat, whom: nat }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), who: nat }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('stall' as const), who: nat }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('resume' as const), who: nat, on: nat }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: nat }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), on: nat }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
  ),
  { minLength: 4, maxLength: 25, size: 'max' },
);

const servers = [
  { server: 'one Redis', redis: useRedis(), runs: 60 },
  { server: 'a Redis Cluster', redis: useCluster(), runs: 20 },
];
const cases = servers.flatMap((server) => [1, 2].map((count) => ({ ...server, count })));

describe.each(cases)(
  'any history of cuts and resumes on $count instances and $server',
  ({ redis, count, runs }) => {
    const { instances } = useSignaling(redis, count, env);
    const fleet: Fleet = {
      size: count,
      url: (i) => instances[i]?.url ?? '',
      kill: () => Promise.reject(new Error('these are not processes')),
      async drain(i) {
        await instances[i]?.service.stop();
        instances[i] = await startInstance({ ...generousLimits, ...redis.env, ...env });
      },
    };

    it(
      'loses nothing, repeats nothing, keeps the order, and never fails to say so',
      { timeout: 240_000 },
      async () => {
        let resumes = 0;
        await fc.assert(
          fc.asyncProperty(steps, async (each) => {
            const history = new V1History(fleet);
            await history.run([...beginning, ...each]);
            resumes += history.resumes.recovered;
          }),
          { numRuns: runs, endOnFailure: true },
        );
        expect(resumes).toBeGreaterThan(runs / 2);
      },
    );
  },
);
