import { RedisUnavailableError, type PoolReaper } from '@parley/redis-scripts';
import type { ServiceDeps } from '@parley/runtime';
import { FreeSlots } from './free-slots.js';

/** Rounds of a fleet that was started at once are spread over this part of the interval. */
const JITTER = 0.2;

/**
 * Run the reaper's rounds until stopped.
 * @param intervalMs time between two rounds
 * @returns stops the rounds, waits for the one under way, and lets another matchmaker lead at once
 */
export function startReaper(
  reaper: PoolReaper,
  intervalMs: number,
  { logger, metrics }: Pick<ServiceDeps<unknown>, 'logger' | 'metrics'>,
): () => Promise<void> {
  const leads = metrics.gauge('reaper_leads', 'This instance is the reaper (1) or follows (0)');
  const retired = metrics.counter('reaped_total', 'Expired entries retired in the background', ['what']);
  const free = new FreeSlots(metrics);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let wasLeading = false;

  async function round(): Promise<void> {
    const result = await reaper.round();
    const isLeading = result.outcome === 'led';
    if (isLeading !== wasLeading) logger.info({ leads: isLeading }, 'reaper changed');
    wasLeading = isLeading;
    leads.set(isLeading ? 1 : 0);
    if (!isLeading) return free.hide();
    free.show(result.regions);
    retired.inc({ what: 'hosts' }, result.hosts);
    retired.inc({ what: 'leases' }, result.leases);
  }

  async function run(): Promise<void> {
    await round().catch((error: unknown) => {
      leads.set(0);
      free.hide();
      // An outage is logged by the connection, once.
      if (!(error instanceof RedisUnavailableError)) logger.error({ err: error }, 'a reaper round failed');
    });
    if (!stopped) schedule();
  }

  let running = Promise.resolve();
  function schedule(): void {
    const delayMs = intervalMs * (1 - JITTER * Math.random());
    timer = setTimeout(() => {
      running = run();
    }, delayMs);
    timer.unref();
  }
  running = run();

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
    await reaper.resign().catch(() => undefined);
  };
}
