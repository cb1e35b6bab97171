import { findFreePort, openSocket, startService, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { expect, it } from 'vitest';

const redis = useRedis();

it('a service that drains says so at HEALTH_PORT until its end, and how long it may', async () => {
  const healthPort = await findFreePort();
  const env = { ...redis.env, HEALTH_PORT: String(healthPort), DRAIN_TIMEOUT_MS: '3000' };
  const signaling = await startService('signaling', env);
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    return Number(new RegExp(`^cloudgaming_${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  expect(await metric('drain_seconds')).toBe(0);
  expect(await metric('drain_timeout_seconds')).toBe(3);
  // A member that does not read does not say goodbye.
  const { socket } = await openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${uniqueId('room')}`);
  socket.pause();
  const stopped = signaling.stop();
  await waitFor(async () => (await metric('drain_seconds')) > 0, 'it says that it drains');
  expect(await stopped).toBe(0);
  socket.terminate();
});
