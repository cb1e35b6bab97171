import { useRedis, waitFor } from '@parley/testkit';
import { expect, it } from 'vitest';
import { heartbeat, useMatchmakers } from './support.js';

const redis = useRedis();
const matchmaker = useMatchmakers();

it('with Redis away, heartbeats and matches are answered 503 quickly, and all recovers by itself', async () => {
  const { ask } = await matchmaker({
    ...redis.env,
    CB_OPEN_MS: '200',
    REDIS_COMMAND_TIMEOUT_MS: '300',
    LEASE_TTL_SECONDS: '1',
  });
  const host = heartbeat();
  const beat = () => ask('POST', '/api/host/heartbeat', host);
  const find = () => ask('POST', '/api/match/find', { region: host.region });
  expect((await beat()).status).toBe(200);
  await redis.stop();
  for (let times = 0; times < 10; times++) {
    const from = performance.now();
    for (const { status, body, headers } of await Promise.all([beat(), find()])) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ code: 'redis_unavailable', success: false });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(performance.now() - from).toBeLessThan(1_000);
  }
  expect((await ask('GET', '/healthz')).status).toBe(200);
  expect((await ask('GET', '/readyz')).status).toBe(503);
  await redis.restart();
  await waitFor(async () => (await beat()).status === 200, 'heartbeats work again');
  // It came back empty: leases may stand that it has lost.
  expect((await find()).status).toBe(404);
  await waitFor(async () => (await find()).status === 200, 'slots are free again');
  await waitFor(async () => (await ask('GET', '/readyz')).status === 200, 'it is ready again');
});

it('with Redis hanging, they are answered 503 within the command timeout', async () => {
  await redis.restart();
  const { ask } = await matchmaker({ ...redis.env, CB_OPEN_MS: '200', REDIS_COMMAND_TIMEOUT_MS: '300' });
  const host = heartbeat();
  const beat = () => ask('POST', '/api/host/heartbeat', host);
  expect((await beat()).status).toBe(200);
  redis.pause();
  const from = performance.now();
  expect((await beat()).status).toBe(503);
  expect(performance.now() - from).toBeLessThan(2_000);
  redis.resume();
  await waitFor(async () => (await beat()).status === 200, 'heartbeats work again');
});
