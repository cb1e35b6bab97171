import { percentile } from '../lib/statistics.js';
import { figure, textTable } from '../lib/table.js';
import type { Judgement } from './judge.js';
import type { Sweep } from './sweep.js';
import { PROMISES, type PromiseName } from './violation.js';
import type { World } from './world.js';

/** More than that of one kind tells nothing new. */
const SHOWN_MAX = 25;

function promiseTable({ violations }: Judgement): string {
  const rows = Object.entries(PROMISES).map(([promise, meaning]) => {
    const count = violations.filter((each) => each.promise === promise).length;
    return [`${promise} ${meaning}`, count === 0 ? 'kept' : `BROKEN ${count} ×`];
  });
  return textTable(['promise', ''], rows);
}

function evidence({ violations }: Judgement): string[] {
  return (Object.keys(PROMISES) as PromiseName[]).flatMap((promise) => {
    const broken = violations.filter((each) => each.promise === promise);
    const shown = broken.slice(0, SHOWN_MAX);
    const lines = shown.map(
      ({ atMs, evidence: text }) => `  ${promise} at ${(atMs / 1_000).toFixed(3)} s: ${text}`,
    );
    const more = broken.length - shown.length;
    return more > 0 ? [...lines, `  … and ${more} more of ${promise}`] : lines;
  });
}

function latencies({ findMs, heartbeatMs }: World): string {
  const row = (name: string, samples: readonly number[]) => [
    name,
    samples.length.toLocaleString('en-US'),
    ...[0.5, 0.99].map((share) => figure(percentile(samples, share))),
  ];
  return textTable(['', 'answers', 'p50 ms', 'p99 ms'], [row('find', findMs), row('heartbeat', heartbeatMs)]);
}

function conclusion({ violations }: Judgement, doubtful: readonly string[]): string {
  if (violations.length > 0) return 'PROMISES WERE BROKEN; the evidence is above.';
  if (doubtful.length > 0) return `NOTHING IS PROVEN: ${doubtful.join('; ')}.`;
  return 'Every promise was kept.';
}

/** The end of a simulation, in words. */
export function describeVerdict(
  world: World,
  judgement: Judgement,
  { found, slots }: Sweep,
  doubtful: readonly string[],
  { deaths, slowestTurnMs }: { deaths: number; slowestTurnMs: number },
): string {
  const { books, troubles } = world;
  const inFlightMs = world.options.inFlightMs + slowestTurnMs;
  return [
    '',
    `${books.grants} matches, ${books.refusals.length} times none free, ${deaths} deaths of hosts`,
    `at the end, ${found} slots could be found; the hosts had ${slots}`,
    `came too late, and so not judged: ${judgement.late}; answers lost: ${books.lostFinds.length}; hosts that are not ours: ${books.foreign}`,
    `tolerance for a change in a signaling room to reach the pool: ${Math.round(inFlightMs)} ms, of which ${Math.round(slowestTurnMs)} ms for our own slowest turn`,
    ...[...troubles].map(([what, count]) => `seen ${count} ×: ${what}`),
    '',
    latencies(world),
    '',
    ...evidence(judgement),
    promiseTable(judgement),
    '',
    conclusion(judgement, doubtful),
  ].join('\n');
}
