import type { RunningRedis } from '@parley/embedded-redis';
import type { Bootstrap, Ports } from '../bootstrap.js';
import { planOf, urlsOf } from './plan.js';
import { getRedis } from './redis.js';
import { Stack } from './stack.js';
import { whenAskedToStop } from './stop-reasons.js';
import { welcome } from './welcome.js';

/**
 * `npm start`, once everything is built: runs the stack until it is told to stop.
 * @returns the exit code: 0 when it was asked to stop
 * @throws Failure when a part does not come up, or ends unexpectedly; everything is stopped by then
 */
export async function start(bootstrap: Bootstrap, ports: Ports): Promise<number> {
  const { progress } = bootstrap;
  const stack = new Stack(bootstrap, process.env['VERBOSE'] === '1');
  let redis: RunningRedis | undefined;
  const asked = Promise.race([whenAskedToStop(() => stack.kill()), bootstrap.npmIsGone]);
  const run = async (): Promise<never> => {
    redis = await getRedis(progress);
    await Promise.race([bringUp(stack, bootstrap, ports, redis?.url), stack.broken]);
    return stack.broken;
  };
  try {
    await Promise.race([run(), asked]);
    progress.stop();
    progress.line('\nStopping.');
    return 0;
  } finally {
    progress.stop();
    await stack.stop();
    await redis?.stop();
  }
}

async function bringUp(
  stack: Stack,
  { progress }: Bootstrap,
  ports: Ports,
  redisUrl: string | undefined,
): Promise<void> {
  const { services, hosts } = planOf(ports, redisUrl);
  for (const [name, parts] of [
    ['services', services],
    ['simulated hosts', hosts],
  ] as const) {
    const step = progress.step(name);
    step.note(parts.map((part) => part.name).join(', '));
    try {
      await stack.add(parts);
    } catch (error) {
      if (!stack.isStopping) step.failed();
      throw error;
    }
    if (stack.isStopping) return;
    step.done(parts.map((part) => part.name).join(', '));
  }
  progress.line(welcome(urlsOf(ports), redisUrl, process.uptime().toFixed(1)));
}
