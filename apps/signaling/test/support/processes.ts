import { afterEach } from 'vitest';
import { openSocket, startService, type RunningService, type SocketOptions } from '@parley/testkit';
import { generousLimits } from './signaling.js';

/** Signaling as it is deployed: processes, which end with the test that started them. */
export interface TestProcesses {
  start(env?: Readonly<Record<string, string>>): Promise<RunningService>;
}

/** Run processes against a Redis. Call it at the top level of a file or block. */
export function useProcesses(
  redis: { readonly env: Readonly<Record<string, string>> },
  env: Readonly<Record<string, string>> = {},
): TestProcesses {
  const running: RunningService[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop('SIGKILL')));
  });
  return {
    async start(more = {}) {
      const service = await startService('signaling', { ...generousLimits, ...redis.env, ...env, ...more });
      running.push(service);
      return service;
    },
  };
}

/** Connect a member to a process. */
export const joinAt = ({ port }: { readonly port: number }, roomId: string, options: SocketOptions = {}) =>
  openSocket(`ws://127.0.0.1:${port}/?roomId=${roomId}`, options);

/** What a process answers to a probe. One that dies right now may have taken the connection with it: not for ever. */
export const probe = ({ port }: { readonly port: number }, path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });

/** The metrics of a process. */
export const metricsOf = async (service: { readonly port: number }) =>
  (await probe(service, '/metrics')).text();
