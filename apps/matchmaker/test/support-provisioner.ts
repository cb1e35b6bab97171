import { startService, uniqueId, useRedis, waitFor, type RunningService } from '@parley/testkit';
import { afterEach, onTestFinished } from 'vitest';
import { HOST_SECRET } from './support.js';

export const INTERVAL_MS = 100;
export const TIMEOUT_MS = 400;
export const WINDOW_SECONDS = 1;

/** Matchmakers in processes of their own, on a Redis of this file. Call it at the top level of the file. */
export function useMatchmakers() {
  const redis = useRedis();
  const started: RunningService[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((service) => service.stop('SIGKILL')));
  });

  /** What all matchmakers of one test have in common. */
  const settings = (env: Record<string, string>): Record<string, string> => ({
    ...redis.env,
    REDIS_KEY_PREFIX: `${uniqueId('provision')}:`,
    HOST_SECRET,
    HOST_TTL_SECONDS: '2',
    LEASE_TTL_SECONDS: '1',
    REAP_INTERVAL_MS: '300',
    CB_OPEN_MS: '200',
    PROVISIONER_INTERVAL_MS: String(INTERVAL_MS),
    PROVISIONER_TIMEOUT_MS: String(TIMEOUT_MS),
    PROVISIONER_SCALE_DOWN_AFTER_SECONDS: String(WINDOW_SECONDS),
    PROVISIONER_COOLDOWN_SECONDS: '0',
    ...env,
  });

  async function start(env: Record<string, string>): Promise<RunningService> {
    const service = await startService('matchmaker', env);
    started.push(service);
    return service;
  }
  return { redis, started, settings, start };
}

/** Ask a matchmaker as a host does. */
export const ask = (service: RunningService, method: string, path: string, body?: object) =>
  fetch(`http://127.0.0.1:${service.port}${path}`, {
    method,
    headers: { Authorization: `Bearer ${HOST_SECRET}` },
    ...(body && { body: JSON.stringify(body) }),
  });

/** What a series of its metrics says; NaN for one that is not there. */
export async function metric(service: RunningService, series: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`cloudgaming_${series} `));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

export const leads = async (service: RunningService) => (await metric(service, 'provisioner_leads')) === 1;

/** The one that leads comes first. */
export async function leaderAmong(one: RunningService, two: RunningService) {
  await waitFor(async () => (await leads(one)) !== (await leads(two)), 'one of them leads');
  return (await leads(one)) ? ([one, two] as const) : ([two, one] as const);
}

/** A platform that runs as many hosts as it is told: they heartbeat, and say goodbye when they go. */
export function runHosts(
  region: string,
  wanted: () => number,
  at: () => RunningService | undefined,
  slots: object = {},
) {
  const hosts: string[] = [];
  const stopping = new AbortController();
  async function once(service: RunningService): Promise<void> {
    while (hosts.length < wanted()) hosts.push(uniqueId('host'));
    for (const hostId of hosts.splice(wanted())) await ask(service, 'DELETE', `/api/host/${hostId}`);
    const beat = (hostId: string) => ({ hostId, roomId: hostId, region, status: 'idle', ...slots });
    await Promise.all(hosts.map((hostId) => ask(service, 'POST', '/api/host/heartbeat', beat(hostId))));
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const service = at();
      if (service) await once(service).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  onTestFinished(async () => {
    stopping.abort();
    await running;
  });
}
