import { setMaxListeners } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Scope } from '../lib/scope.js';
import { Api } from './api.js';
import { Books, type Tolerances } from './books.js';
import { runClient } from './client.js';
import { liveAndDie } from './deaths.js';
import { doubts } from './doubts.js';
import type { SimulatedHost } from './host.js';
import { judge } from './judge.js';
import { keepEvidence } from './keep-evidence.js';
import { OWN_STACK, type SimulateOptions } from './options.js';
import { makeRegions, populate } from './population.js';
import { showProgress } from './progress.js';
import { openStack, type Target } from './stack.js';
import { sweep } from './sweep.js';
import { describeVerdict } from './verdict.js';
import type { World } from './world.js';

/** The simulation was stopped before it could say anything. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

type Say = (text: string) => void;

function targetOf({ url, signalingUrl }: SimulateOptions, scope: Scope): Target | Promise<Target> {
  if (url === undefined) return openStack(scope);
  return { matchmakerUrls: [url], ...(signalingUrl !== undefined && { signalingUrl }) };
}

function createWorld(options: SimulateOptions, target: Target, closing: AbortSignal): World {
  const startedAt = performance.now();
  return {
    api: new Api(target.matchmakerUrls, options.hostSecret),
    books: new Books(),
    hosts: new Map<string, SimulatedHost>(),
    regions: makeRegions(),
    options,
    signalingUrl: target.signalingUrl,
    hostTtlMs: OWN_STACK.hostTtlSeconds * 1_000,
    findMs: [],
    heartbeatMs: [],
    nowMs: () => performance.now() - startedAt,
    closing,
    troubles: new Map(),
  };
}

/** Let everybody live, for the time asked for, and until the last one has left. @returns deaths of hosts */
async function run(world: World, end: AbortController): Promise<number> {
  const { clients, seconds } = world.options;
  const lives = [...world.hosts.values()].map((host) => liveAndDie(host, world));
  const visits = Array.from({ length: clients }, (_, number) => runClient(`client-${number}`, world));
  await delay(seconds * 1_000, undefined, { signal: world.closing }).catch(() => {});
  end.abort();
  await Promise.all(visits);
  return (await Promise.all(lives)).reduce((sum, deaths) => sum + deaths, 0);
}

function tolerancesOf({ options, hostTtlMs }: World, slowestTurnMs: number): Tolerances {
  const { leaseTtlMs, beatMs, inFlightMs, clockSkewMs } = options;
  return { hostTtlMs, leaseTtlMs, beatMs, inFlightMs: inFlightMs + slowestTurnMs, clockSkewMs };
}

/** Play until the end, and judge. */
async function play(
  options: SimulateOptions,
  say: Say,
  scope: Scope,
  end: AbortController,
): Promise<boolean> {
  say(options.url === undefined ? 'starting a stack of our own' : `playing against ${options.url}`);
  const world = createWorld(options, await targetOf(options, scope), end.signal);
  scope.onClose(() => world.api.close());
  populate(world);
  scope.onClose(() => world.hosts.forEach((host) => host.die()));
  const stopProgress = showProgress(world, say);
  scope.onClose(stopProgress);
  const turns = monitorEventLoopDelay({ resolution: 10 });
  turns.enable();
  const deaths = await run(world, end);
  stopProgress();
  say('everybody left; when the last lease is over, every slot that should be free is looked for');
  const swept = await sweep(world);
  turns.disable();
  const slowestTurnMs = turns.max / 1e6;
  const judgement = judge(world.books, tolerancesOf(world, slowestTurnMs));
  const doubtful = doubts(world, swept);
  say(describeVerdict(world, judgement, swept, doubtful, { deaths, slowestTurnMs }));
  if (judgement.violations.length > 0 || doubtful.length > 0) {
    say(`all that is known of those hosts: ${keepEvidence(world.books, judgement.violations, swept.missed)}`);
  }
  return judgement.violations.length === 0 && doubtful.length === 0;
}

/**
 * Let simulated hosts and clients play against a pool, and hold it to its promises by our own books.
 * @param stop ends it at once
 * @returns whether every promise was kept, and that means something
 * @throws StoppedError when it was stopped before there was a verdict
 */
export async function simulate(options: SimulateOptions, say: Say, stop?: AbortSignal): Promise<boolean> {
  const scope = new Scope();
  const end = new AbortController();
  // Each host and client waits on it.
  setMaxListeners(0, end.signal);
  const stopped = new Promise<never>((_, reject) => {
    stop?.addEventListener('abort', () => reject(new StoppedError('stopped: there is no verdict')));
  });
  try {
    return await Promise.race([play(options, say, scope, end), stopped]);
  } finally {
    end.abort();
    await scope.close();
  }
}
