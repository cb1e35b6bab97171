import { setTimeout as delay } from 'node:timers/promises';
import { cpuMeter } from '../lib/cpu.js';
import type { Servers } from './servers.js';

/** CPU time is counted in steps of 10 ms. */
const SAMPLE_MS = 20;
const QUIET_SAMPLES = 3;

/**
 * Wait until servers and their Redis have nothing left to do: one that queues its publishes looks fast if only
 * deliveries are counted.
 * @returns when the last of them was still busy, on the clock of `performance.now()`
 */
export async function settled({ programs, redis }: Servers): Promise<number> {
  const used = cpuMeter([...programs.map(({ pid }) => pid), redis.pid]);
  let lastBusyAt = performance.now();
  let before = used();
  for (let quiet = 0; quiet < QUIET_SAMPLES;) {
    await delay(SAMPLE_MS);
    const now = used();
    if (now > before) lastBusyAt = performance.now() - SAMPLE_MS / 2;
    quiet = now > before ? 0 : quiet + 1;
    before = now;
  }
  return lastBusyAt;
}
