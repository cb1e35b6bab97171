import { startService, useRedis, waitFor, type RunningService } from '@parley/testkit';
import { afterEach, expect, it } from 'vitest';
import { heartbeat, HOST_SECRET } from './support.js';

const redis = useRedis();
const REAP_INTERVAL_MS = 300;

const started: RunningService[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop('SIGKILL')));
});

async function start(): Promise<RunningService> {
  const env = {
    ...redis.env,
    HOST_SECRET,
    HOST_TTL_SECONDS: '1',
    REAP_INTERVAL_MS: String(REAP_INTERVAL_MS),
  };
  const service = await startService('matchmaker', env);
  started.push(service);
  return service;
}

async function metric(service: RunningService, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  return Number(new RegExp(`^cloudgaming_${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
}

const leads = async (service: RunningService) => (await metric(service, 'reaper_leads')) === 1;

it('the reaper that is killed is replaced within its time to lead, and its successor does the work', async () => {
  const [one, two] = [await start(), await start()];
  await waitFor(async () => (await leads(one)) !== (await leads(two)), 'one of them leads');
  const [leader, other] = (await leads(one)) ? [one, two] : [two, one];
  const killedAt = Date.now();
  await leader.stop('SIGKILL');
  await fetch(`http://127.0.0.1:${other.port}/api/host/heartbeat`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${HOST_SECRET}` },
    body: JSON.stringify(heartbeat()),
  });
  await waitFor(() => leads(other), 'the other leads');
  // Its time to lead is two rounds, and its successor looks once a round.
  expect(Date.now() - killedAt).toBeLessThan(4 * REAP_INTERVAL_MS);
  await waitFor(() => metric(other, 'reaped_total\\{what="hosts"\\}'), 'the silent host is retired');
});

it('the reaper tells the free slots of each region, and nobody else does', async () => {
  const services = [await start(), await start()];
  const told = async (service: RunningService) => {
    const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
    return text.split('\n').filter((line) => line.startsWith('cloudgaming_free_slots{'));
  };
  const host = heartbeat({ capacity: 3 });
  const beat = (service: RunningService, fields: object) =>
    fetch(`http://127.0.0.1:${service.port}/api/host/heartbeat`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${HOST_SECRET}` },
      body: JSON.stringify({ ...host, ...fields }),
    });
  const line = (free: number) => `cloudgaming_free_slots{region="${host.region}",kind="streaming"} ${free}`;
  for (const [fields, free] of [
    [{}, 3],
    [{ availableSlots: 0 }, 0],
  ] as const) {
    await waitFor(async () => {
      await beat(services[0] as RunningService, fields);
      const lines = (await Promise.all(services.map(told))).flat();
      return lines.filter((each) => each === line(free)).length === 1;
    }, `exactly one of them says ${free}`);
  }
});

it('the reaper that stops lets another lead at once', async () => {
  const [one, two] = [await start(), await start()];
  await waitFor(async () => (await leads(one)) !== (await leads(two)), 'one of them leads');
  const [leader, other] = (await leads(one)) ? [one, two] : [two, one];
  expect(await leader.stop('SIGTERM')).toBe(0);
  await waitFor(() => leads(other), 'the other leads', 2 * REAP_INTERVAL_MS);
});
