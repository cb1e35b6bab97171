import { onTestFinished } from 'vitest';
import {
  generousLimits,
  startService,
  uniqueId,
  waitFor,
  type RunningService,
  type ServiceName,
  type TestRedis,
} from '@parley/testkit';

/** A service as its own process and where it answers; killed at the end of the test. */
export interface Running extends RunningService {
  readonly url: string;
}

/** A stack of real services; as many of each as are asked for. */
export interface Stack {
  readonly hostSecret: string;
  start(name: ServiceName, env?: Readonly<Record<string, string>>): Promise<Running>;
}

export function useStack(redis: TestRedis, common: Readonly<Record<string, string>> = {}): Stack {
  const hostSecret = uniqueId('secret');
  return {
    hostSecret,
    async start(name, env = {}) {
      const all = { ...generousLimits, ...redis.env, HOST_SECRET: hostSecret, ...common, ...env };
      const service = await startService(name, all);
      onTestFinished(() => service.stop('SIGKILL').then(() => undefined));
      const url = `http://127.0.0.1:${service.port}`;
      await waitFor(async () => (await fetch(`${url}/readyz`)).ok, `${name} is ready`);
      return { ...service, url: name === 'signaling' ? url.replace('http', 'ws') : url };
    },
  };
}
