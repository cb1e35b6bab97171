import { RedisUnavailableError } from '@parley/redis-scripts';
import type { Logger } from '../observe/logger.js';

/**
 * Do something again and again, the next time so long after the last one ended. What fails is logged, and tried again;
 * an outage of Redis is told elsewhere.
 * @returns stops it, and waits for a run under way
 */
export function every(intervalMs: number, job: () => Promise<unknown>, logger: Logger): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let stopped = false;

  async function run(): Promise<void> {
    try {
      await job();
    } catch (error) {
      if (!(error instanceof RedisUnavailableError)) logger.error({ err: error }, 'a background job failed');
    }
    if (!stopped) schedule();
  }
  function schedule(): void {
    timer = setTimeout(() => {
      running = run();
    }, intervalMs);
  }

  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
