import { startService, uniqueId, useRedis, type RunningService } from '@parley/testkit';
import { afterEach, expect, it } from 'vitest';

const redis = useRedis();
const started: RunningService[] = [];
afterEach(async () => void (await Promise.all(started.splice(0).map((service) => service.stop()))));

/** A matchmaker as Kubernetes starts it with what the secret has at that moment. */
async function start(secrets: {
  HOST_SECRET: string;
  HOST_SECRET_PREVIOUS?: string;
}): Promise<RunningService> {
  const service = await startService('matchmaker', { ...redis.env, ...secrets });
  started.push(service);
  return service;
}

it('HOST_SECRET is changed as docs/operating/kubernetes.md says, and no heartbeat is refused', async () => {
  const [old, fresh] = [uniqueId('old-secret'), uniqueId('new-secret')];
  const statuses: number[] = [];
  let running: RunningService[] = [];
  const [hostId, region] = [uniqueId('host'), uniqueId('region')];
  /** A host has no idea where its heartbeat goes. */
  const beat = async (secret: string) => {
    for (const { port } of running) {
      const { status } = await fetch(`http://127.0.0.1:${port}/api/host/heartbeat`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ hostId, roomId: hostId, region }),
      });
      statuses.push(status);
    }
  };
  /** One copy after the other, the new one first, and hosts heartbeat all the while. */
  const roll = async (secrets: Parameters<typeof start>[0], hostsHave: readonly string[]) => {
    for (const leaving of running) {
      const coming = await start(secrets);
      running = [...running, coming];
      for (const secret of hostsHave) await beat(secret);
      running = running.filter((service) => service !== leaving);
      expect(await leaving.stop()).toBe(0);
      for (const secret of hostsHave) await beat(secret);
    }
  };

  running = [await start({ HOST_SECRET: old }), await start({ HOST_SECRET: old })];
  await beat(old);
  await roll({ HOST_SECRET: fresh, HOST_SECRET_PREVIOUS: old }, [old]);
  await beat(old);
  await beat(fresh);
  await roll({ HOST_SECRET: fresh }, [fresh]);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(statuses.length).toBeGreaterThan(15);

  await beat(old);
  expect(new Set(statuses.slice(-running.length))).toEqual(new Set([403]));
});
