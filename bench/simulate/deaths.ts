import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatedHost } from './host.js';
import { between, type World } from './world.js';

/** Hosts live for this long, on average. */
const LIFE_MS = 12_000;

/**
 * Let a host live, die and come back, until told to stop: some come back before their TTL is over, some long after it.
 * @returns how often it died
 */
export async function liveAndDie(host: SimulatedHost, world: World): Promise<number> {
  const { closing } = world;
  const pause = (ms: number) => delay(ms, undefined, { signal: closing }).catch(() => {});
  await pause(between(0, 500));
  let deaths = 0;
  host.start();
  while (!closing.aborted) {
    await pause(-LIFE_MS * Math.log(1 - Math.random()));
    if (closing.aborted) break;
    host.die();
    deaths += 1;
    await pause(between(0.2, 2) * world.hostTtlMs);
    host.start();
  }
  return deaths;
}
