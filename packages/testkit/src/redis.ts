import { startRedis, type RunningRedis } from '@parley/embedded-redis';
import { afterAll, beforeAll } from 'vitest';

/** A real Redis of this test file alone. */
export interface TestRedis {
  /** Set once the file's `beforeAll` ran; the same after a restart. */
  readonly url: string;
  /** How a service finds it. */
  readonly env: { readonly REDIS_URL: string };
  /** Let it hang (SIGSTOP): connections stay and nothing is answered. */
  pause(): void;
  /** Let a paused one go on. */
  resume(): void;
  /** Take it away: connections break and new ones are refused. */
  stop(): Promise<void>;
  /** Stop it if it runs, and start it again on the same port, empty. */
  restart(): Promise<void>;
}

/** Start a Redis for this test file, and stop it at its end. Call it at the top level of the file. */
export function useRedis(args: readonly string[] = []): TestRedis {
  let running: RunningRedis | undefined;
  let url = '';
  let paused = false;

  const start = async (port?: number) => {
    running = await startRedis({ ignoreUrl: true, args, ...(port !== undefined && { port }) });
    url = running.url;
  };
  const stop = async () => {
    // A paused one would not end before it is killed.
    if (paused) resume();
    await running?.stop();
    running = undefined;
  };
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    if (running?.pid === undefined) throw new Error(`no Redis runs that could get a ${name}`);
    process.kill(running.pid, name);
  };

  const resume = () => {
    signal('SIGCONT');
    paused = false;
  };

  beforeAll(() => start());
  afterAll(stop);
  return {
    get url() {
      return url;
    },
    get env() {
      return { REDIS_URL: url };
    },
    pause() {
      signal('SIGSTOP');
      paused = true;
    },
    resume,
    stop,
    async restart() {
      await stop();
      await start(Number(new URL(url).port));
    },
  };
}
