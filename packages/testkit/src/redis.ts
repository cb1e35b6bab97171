import { startRedis } from '@parley/embedded-redis';
import { afterAll, beforeAll } from 'vitest';

/** A real Redis of this test file alone. */
export interface TestRedis {
  /** Set once the file's `beforeAll` ran. */
  readonly url: string;
}

/** Start a Redis for this test file, and stop it at its end. Call it at the top level of the file. */
export function useRedis(args: readonly string[] = []): TestRedis {
  const redis = { url: '' };
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const started = await startRedis({ ignoreUrl: true, args });
    redis.url = started.url;
    stop = () => started.stop();
  });
  afterAll(() => stop?.());
  return redis;
}
