import { expect, it, onTestFinished } from 'vitest';
import { useSentinel } from '../../src/sentinel.js';
import { useFleet } from '../support/load/fleet.js';
import { Load } from '../support/load/load.js';
import { report } from '../support/load/report.js';

const sentinel = useSentinel(3);
const fleet = useFleet(() => sentinel.env);

it('a failover by Sentinel under load', { timeout: 120_000 }, async () => {
  const load = await Load.begin(fleet());
  onTestFinished(() => load.end());
  load.noteFault();
  await sentinel.killMaster();
  await load.settle();
  report('Sentinel failover', load);
  expect(await load.brokenPromises()).toEqual([]);
  expect((await load.pool.states()).map(({ status }) => status)).toEqual(load.pool.rooms.map(() => 200));
});
