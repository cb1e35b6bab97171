import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { useRedis } from '../../src/redis.js';
import { startTcpProxy, type TcpProxy } from '../../src/tcp-proxy.js';
import { useFleet } from '../support/load/fleet.js';
import { Load } from '../support/load/load.js';
import { report } from '../support/load/report.js';

/** Twice as long as the lease of an instance. */
const CUT_OFF_MS = 12_000;

const redis = useRedis();
const proxies: TcpProxy[] = [];
beforeAll(async () => {
  proxies.push(await startTcpProxy(redis.url), await startTcpProxy(redis.url));
});
afterAll(() => Promise.all(proxies.map((proxy) => proxy.stop())));
const viaProxy = (at: number) => ({ REDIS_URL: proxies[at]?.url ?? '' });
const fleet = useFleet(
  () => redis.env,
  () => [viaProxy(0), viaProxy(1)],
);

it('an instance that is cut off from Redis, while another one is not', { timeout: 120_000 }, async () => {
  const load = await Load.begin(fleet());
  onTestFinished(() => load.end());
  load.noteFault();
  proxies[1]?.stall();
  await delay(CUT_OFF_MS);
  proxies[1]?.resume();
  await load.settle();

  report(`one signaling instance cut off from Redis for ${CUT_OFF_MS / 1_000} s`, load);
  expect(await load.brokenPromises('far')).toEqual([]);
  const [stayed, cutOff] = load.plain.far;
  // Nobody can tell it from a dead one: its member counts as gone, and is heard again when it is back.
  expect(stayed.others.filter((type) => type === 'peer-disconnected')).toHaveLength(1);
  expect(cutOff.others).not.toContain('peer-disconnected');
});
