import * as fc from 'fast-check';
import { it } from 'vitest';
import type { Strategy } from '../src/index.js';
import { ModelHost } from './pool-model.js';
import { CHANGES, FindStep, HostStep, Real } from './pool-steps.js';
import { useConnection } from './pool-support.js';

const connect = useConnection();

const hostStep = fc
  .tuple(fc.nat(3), fc.constantFrom(...Object.keys(CHANGES)), fc.nat(100))
  .map(([host, what, number]) => new HostStep(host, what, number));
const findStep = fc
  .tuple(
    fc.constantFrom(1, 1, 1, 2, 3),
    fc.constantFrom<Strategy[]>('least-loaded', 'packed', 'random'),
    fc.constantFrom(undefined, ['eu', 'us'], ['us']),
    fc.boolean(),
  )
  .map(([seats, strategy, regions, expires]) => new FindStep(seats, strategy, regions, expires));

it(
  'whatever happens in whatever order, the pool knows what the books say (P1–P6)',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands([hostStep, hostStep, findStep], { maxCommands: 60, size: 'max' }),
        async (steps) => {
          const redis = await connect();
          const hosts = [
            new ModelHost('always-idle', 1, false),
            new ModelHost('always-idle-4', 4, false),
            new ModelHost('honest', 1, true),
            new ModelHost('honest-4', 4, true),
          ];
          try {
            await fc.asyncModelRun(() => ({ model: { hosts }, real: new Real(redis, hosts) }), steps);
          } finally {
            redis.close();
          }
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 60), interruptAfterTimeLimit: 100_000 },
    );
  },
);
