import type { TestProject } from 'vitest/node';
import { uniqueId } from '../../src/ids.js';
import { startService, type RunningService, type ServiceName } from '../../src/service-process.js';
import { startStore } from '../../src/store.js';
import { waitFor } from '../../src/wait-for.js';
import { deployedTarget, type Target } from './target-from-env.js';

/** Once for the whole suite and each kind of Redis that it runs on: the deployment that the environment names, or processes of our own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const deployed = deployedTarget(process.env);
  if (deployed) {
    project.provide('target', deployed);
    return () => Promise.resolve();
  }
  const { target, stop } = await startOwnStack(project.config.env['TEST_REDIS']);
  project.provide('target', target);
  return stop;
}

/** Each service as it is deployed, signaling twice, on a Redis of their own. */
async function startOwnStack(kind: unknown): Promise<{ target: Target; stop: () => Promise<void> }> {
  const redis = await startStore(String(kind));
  const hostSecret = uniqueId('secret');
  const services: RunningService[] = [];
  const startOne = async (name: ServiceName, env: Record<string, string> = {}): Promise<string> => {
    const service = await startService(name, { ...redis.env, HOST_SECRET: hostSecret, ...env });
    services.push(service);
    const url = `http://127.0.0.1:${service.port}`;
    await waitFor(async () => (await fetch(`${url}/readyz`)).ok, `${name} is ready`);
    return url;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(services.map((service) => service.stop()));
    await redis.stop();
  };
  try {
    const signalingUrls = [await startOne('signaling'), await startOne('signaling')].map((url) =>
      url.replace('http:', 'ws:'),
    ) as [string, string];
    const env = { SIGNALING_PUBLIC_URL: signalingUrls[0] };
    const target = {
      matchmakerUrl: await startOne('matchmaker', env),
      gatewayUrl: await startOne('gateway', env),
      signalingUrls,
      hostSecret,
    };
    return { target, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
