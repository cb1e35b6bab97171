import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, useCluster, useRedis, type RunningService } from '@parley/testkit';
import { generousLimits, startInstance, useSignaling } from './support/signaling.js';
import { V1History, type Fleet, type Step } from './support/v1-model.js';

/** Each instance that ends takes a part of a limit with it, so each history has an address of its own. */
const env = { ROOM_CAPACITY: '4', TRUST_PROXY: '1' };

const nat = fc.nat(7);
/** Two that speak it, on these instances. */
const beginning = (...on: number[]): Step[] => on.map((each) => ({ do: 'join', on: each, plain: false }));
/** What one instance alone knows dies with it. */
const unloggedDeath: Step[] = [
  { do: 'send', who: 0, count: 3 },
  { do: 'wait' },
  { do: 'send', who: 1, count: 3 },
  { do: 'kill', on: 0 },
];

const stepsOf = (mayKill: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
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
      { weight: 2, arbitrary: fc.record({ do: fc.constant('chat' as const), who: nat }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), who: nat }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('stall' as const), who: nat }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('resume' as const), who: nat, on: nat }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: nat }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), on: nat }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
      ...(mayKill
        ? [{ weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), on: nat }) }]
        : []),
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
          fc.asyncProperty(stepsOf(false), async (each) => {
            const history = new V1History(fleet);
            await history.run([...beginning(0, 1), ...each]);
            resumes += history.resumes.recovered;
          }),
          { numRuns: runs, endOnFailure: true },
        );
        expect(resumes).toBeGreaterThan(runs / 2);
      },
    );
  },
);

describe.each(servers)('any history in which instances are killed, on $server', ({ redis, runs }) => {
  const running: RunningService[] = [];
  const start = () =>
    startService('signaling', {
      ...generousLimits,
      ...redis.env,
      ...env,
      LOG_LEVEL: 'info',
      RESUME_GRACE_SECONDS: '60',
    });
  beforeAll(async () => {
    running.push(await start(), await start());
  });
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop('SIGKILL')));
  });
  const replace = async (i: number, signal: NodeJS.Signals) => {
    const old = running[i];
    await old?.stop(signal);
    running[i] = await start();
  };
  const fleet: Fleet = {
    size: 2,
    url: (i) => `ws://127.0.0.1:${running[i]?.port}`,
    kill: (i) => replace(i, 'SIGKILL'),
    drain: (i) => replace(i, 'SIGTERM'),
  };

  it('never leaves a gap without saying so', { timeout: 300_000 }, async () => {
    let [recovered, not] = [0, 0];
    await fc.assert(
      fc.asyncProperty(stepsOf(true), async (each) => {
        const history = new V1History(fleet);
        // While both are there, nobody else knows what they say.
        await history.run([...beginning(0, 0), ...each]);
        recovered += history.resumes.recovered;
        not += history.resumes.not;
      }),
      { numRuns: Math.round(runs / 3), endOnFailure: true, examples: [[unloggedDeath]] },
    );
    expect(recovered).toBeGreaterThan(0);
    expect(not).toBeGreaterThan(0);
  });
});
