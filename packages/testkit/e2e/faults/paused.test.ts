import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { useRedis } from '../../src/redis.js';
import { useFleet } from '../support/load/fleet.js';
import { Load } from '../support/load/load.js';
import { report } from '../support/load/report.js';

const redis = useRedis();
const fleet = useFleet(() => redis.env);

it('a Redis that hangs for 30 s under load', { timeout: 120_000 }, async () => {
  const load = await Load.begin(fleet());
  onTestFinished(() => load.end());
  load.noteFault();
  redis.pause();
  await delay(30_000);
  redis.resume();
  await load.settle();
  report('Redis paused for 30 s', load);
  expect(await load.brokenPromises()).toEqual([]);
  expect((await load.pool.states()).map(({ status }) => status)).toEqual(load.pool.rooms.map(() => 200));
});
