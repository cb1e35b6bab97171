import { afterAll, beforeAll } from 'vitest';
import { generousLimits } from '../../../src/generous-limits.js';
import { uniqueId } from '../../../src/ids.js';
import { startService, type RunningService, type ServiceName } from '../../../src/service-process.js';
import { waitFor } from '../../../src/wait-for.js';

type Env = Readonly<Record<string, string>>;

/** Every service as it is deployed, two of each but the gateway, with the settings that they have by default. */
export interface Fleet {
  readonly signaling: readonly [RunningService, RunningService];
  readonly matchmakers: readonly [RunningService, RunningService];
  readonly gateway: RunningService;
  readonly hostSecret: string;
}

/** How long a promised slot stands: short, so that slots are promised again and again while a test runs. */
export const LEASE_TTL_SECONDS = 5;

const SETTINGS: Env = {
  LEASE_TTL_SECONDS: String(LEASE_TTL_SECONDS),
  SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:1',
  STUN_URLS: ',',
  ...generousLimits,
};

/**
 * Run one for this test file. Call it at the top level of the file.
 * @param envs how the services find their Redis; `signaling` where an instance has a way of its own
 */
export function useFleet(
  envs: () => Env,
  signaling: () => readonly [Env, Env] = () => [{}, {}],
): () => Fleet {
  const running: RunningService[] = [];
  let fleet: Fleet | undefined;
  beforeAll(async () => {
    const hostSecret = uniqueId('secret');
    const start = async (name: ServiceName, env: Env = {}): Promise<RunningService> => {
      const service = await startService(name, { ...SETTINGS, HOST_SECRET: hostSecret, ...envs(), ...env });
      running.push(service);
      const ready = async () => (await fetch(urlOf(service, '/readyz'))).ok;
      await waitFor(ready, `${name} is ready`);
      return service;
    };
    const [first, second] = signaling();
    fleet = {
      signaling: [await start('signaling', first), await start('signaling', second)],
      matchmakers: [await start('matchmaker'), await start('matchmaker')],
      gateway: await start('gateway'),
      hostSecret,
    };
  });
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop('SIGKILL')));
  });
  return () => {
    if (!fleet) throw new Error('the fleet is not up');
    return fleet;
  };
}

export const urlOf = ({ port }: RunningService, path = '') => `http://127.0.0.1:${port}${path}`;

/** Where members of a room connect. */
export const roomUrl = ({ port }: RunningService, roomId: string) =>
  `ws://127.0.0.1:${port}/?roomId=${roomId}`;
