import { expect, it, onTestFinished } from 'vitest';
import { uniqueId } from '../../src/ids.js';
import { useCluster } from '../../src/cluster.js';
import { useFleet } from '../support/load/fleet.js';
import { Load } from '../support/load/load.js';
import { report } from '../support/load/report.js';

const cluster = useCluster([], true);
const fleet = useFleet(() => cluster.env);

it('a master of a Cluster that is killed under load', { timeout: 120_000 }, async () => {
  // The one that knows which instances live; the region and the rooms that the load is in are there, too.
  const victim = await cluster.masterOf('parley:{instances}:leases');
  const names = new Map<string, string>();
  for (const prefix of ['near', 'far', 'near-v1', 'far-v1', 'region']) {
    const tag = prefix === 'region' ? 'pool' : 'room';
    let name = uniqueId(prefix);
    while ((await cluster.masterOf(`parley:{${tag}:${name}}`)) !== victim) name = uniqueId(prefix);
    names.set(prefix, name);
  }
  const load = await Load.begin(fleet(), (prefix) => names.get(prefix) ?? '');
  onTestFinished(() => load.end());
  load.noteFault();
  await cluster.killMaster(victim);
  await load.settle();
  report('a killed Cluster master', load);
  expect(await load.brokenPromises()).toEqual([]);
  expect((await load.pool.states()).map(({ status }) => status)).toEqual(load.pool.rooms.map(() => 200));
});
