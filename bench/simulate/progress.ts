import { percentile } from '../lib/statistics.js';
import { figure } from '../lib/table.js';
import type { World } from './world.js';

const EVERY_MS = 1_000;
/** Latencies shown are those of so many last requests. */
const RECENT = 2_000;

function line(world: World): string {
  const hosts = [...world.hosts.values()];
  const alive = hosts.filter(({ isAlive }) => isAlive).length;
  const { grants, refusals } = world.books;
  const p50 = figure(percentile(world.findMs.slice(-RECENT), 0.5));
  const p99 = figure(percentile(world.findMs.slice(-RECENT), 0.99));
  return [
    `${Math.round(world.nowMs() / 1_000)} s`,
    `${alive} of ${hosts.length} hosts alive`,
    `${grants.toLocaleString('en-US')} matches`,
    `${refusals.length.toLocaleString('en-US')} times none free`,
    `find p50 ${p50} ms, p99 ${p99} ms`,
  ].join(' · ');
}

/** Say every second how it goes. @returns ends that */
export function showProgress(world: World, say: (text: string) => void): () => void {
  const timer = setInterval(() => say(line(world)), EVERY_MS);
  return () => clearInterval(timer);
}
