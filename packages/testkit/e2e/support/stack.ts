import { startRedis } from '@parley/embedded-redis';
import { afterAll, beforeAll } from 'vitest';
import { uniqueId } from '../../src/ids.js';
import { startService, type RunningService, type ServiceName } from '../../src/service-process.js';
import { startTcpBalancer, type TcpBalancer } from '../../src/tcp-balancer.js';
import { waitFor } from '../../src/wait-for.js';

/** Processes of one test file alone, which it may kill. */
export interface Stack {
  readonly signaling: RunningService[];
  /** One address for all signaling instances that the balancer knows. */
  readonly balancer: TcpBalancer;
  readonly signalingUrl: string;
  readonly matchmakerUrl: string;
  readonly gatewayUrl: string;
  /** One more instance; the balancer hears of it from the caller. */
  startSignaling(): Promise<RunningService>;
}

/** Two signaling instances behind a balancer, a matchmaker and a gateway, on a Redis of their own, while a file runs. */
export function useStack(
  makeEnv: () => Promise<Record<string, string>> | Record<string, string> = () => ({}),
  needed = true,
): () => Stack {
  let stack: (Stack & { stop(): Promise<void> }) | undefined;
  beforeAll(async () => {
    if (needed) stack = await startStack(await makeEnv());
  });
  afterAll(() => stack?.stop());
  return () => {
    if (!stack) throw new Error('the stack is not up');
    return stack;
  };
}

async function startStack(env: Record<string, string>): Promise<Stack & { stop(): Promise<void> }> {
  const redis = await startRedis({ ignoreUrl: true });
  const balancer = await startTcpBalancer();
  const signalingUrl = `ws://127.0.0.1:${balancer.port}`;
  const shared = {
    REDIS_URL: redis.url,
    HOST_SECRET: uniqueId('secret'),
    SIGNALING_PUBLIC_URL: signalingUrl,
    RATE_LIMIT_CONN_PER_10S: '10000',
    // None: browsers would ask them.
    STUN_URLS: ',',
    ...env,
  };
  const services: RunningService[] = [];
  const start = async (name: ServiceName, more: Record<string, string> = {}): Promise<RunningService> => {
    const service = await startService(name, { ...shared, ...more });
    services.push(service);
    const url = `http://127.0.0.1:${service.port}`;
    await waitFor(async () => (await fetch(`${url}/readyz`)).ok, `${name} is ready`);
    return service;
  };
  const startSignaling = () => start('signaling');
  const signaling = [await startSignaling(), await startSignaling()];
  balancer.targets = signaling.map(({ port }) => port);
  const matchmakerUrl = `http://127.0.0.1:${(await start('matchmaker')).port}`;
  const gateway = await start('gateway', { MATCHMAKER_PUBLIC_URL: matchmakerUrl });
  return {
    signaling,
    balancer,
    signalingUrl,
    matchmakerUrl,
    gatewayUrl: `http://127.0.0.1:${gateway.port}`,
    startSignaling,
    async stop() {
      await balancer.stop();
      await Promise.all(services.map((service) => service.stop('SIGKILL')));
      await redis.stop();
    },
  };
}

/** How many connections an instance has, by its own count. */
export async function connectionsOf({ port }: RunningService): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^cloudgaming_active_connections(?:\{.*\})? (\d+)$/m.exec(text)?.[1]);
}
