import { expect, it, onTestFinished } from 'vitest';
import { useRedis } from '../../src/redis.js';
import { waitFor } from '../../src/wait-for.js';
import { LEASE_TTL_SECONDS, useFleet } from '../support/load/fleet.js';
import { Load } from '../support/load/load.js';
import { report } from '../support/load/report.js';

const redis = useRedis();
const fleet = useFleet(() => redis.env);

it('a Redis that restarts with an empty memory under load', { timeout: 120_000 }, async () => {
  const load = await Load.begin(fleet());
  onTestFinished(() => load.end());
  const { pool } = load;
  const startedAt = performance.now();
  load.noteFault();
  await redis.restart();
  const before = pool.promised.length;
  await waitFor(() => pool.promised.length > before, 'a slot is promised again', 30_000);
  const withheldMs = performance.now() - startedAt;
  await load.settle();

  report('Redis restarted empty', load, {
    'no slot was promised for': `${(withheldMs / 1_000).toFixed(1)} s`,
  });
  expect(await load.brokenPromises()).toEqual([]);
  // The leases that Redis has lost may stand for so long.
  expect(withheldMs).toBeGreaterThan(LEASE_TTL_SECONDS * 1_000 - 500);
  // Those who are in rooms stay on their host, whose slots are taken; and matchmakers have told Redis of these rooms again.
  expect(pool.held).toBe(pool.rooms.length);
  expect(new Set((await pool.states()).map(({ status }) => status))).toEqual(new Set([200]));
});
