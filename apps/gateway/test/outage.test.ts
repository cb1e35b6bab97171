import { useRedis, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';
import { bearer } from './user-token.js';

const redis = useRedis();
const TIMEOUT_MS = 300;
const parley = useParley(redis, { CB_OPEN_MS: '200', REDIS_COMMAND_TIMEOUT_MS: String(TIMEOUT_MS) });
const { ask, heartbeat } = parley;

const statusesOf = (path: string) =>
  Promise.all(parley.gateways.map(async (gateway) => (await gateway.ask('GET', path)).status));

/** Whether both gateways serve, and create rooms where there is a host. */
async function serve(): Promise<boolean> {
  const { region } = hostReport();
  await heartbeat(hostReport({ region, capacity: 2, availableSlots: 2 }));
  const created = [await ask('POST', '/api/rooms', { region }), await ask('POST', '/api/rooms', { region })];
  return created.every(({ status }) => status === 201) && (await statusesOf('/readyz')).join() === '200,200';
}

/** Every route that needs Redis, at both gateways: 503, when to come back, and within a time. */
async function expectRefusals(withinMs: number): Promise<void> {
  const calls = [
    () => ask('POST', '/api/rooms', {}),
    () => ask('POST', '/api/rooms', {}, { 'Idempotency-Key': 'a-key' }),
    () => ask('POST', '/api/rooms/some-room/join'),
    () => ask('GET', '/api/rooms/some-room'),
    () => ask('GET', '/api/rooms'),
    () => ask('PATCH', '/api/rooms/some-room', {}, bearer('x')),
    () => ask('DELETE', '/api/rooms/some-room', undefined, bearer('x')),
    () => ask('GET', '/api/rooms/some-room/events'),
  ];
  for (const call of calls.flatMap((each) => [each, each])) {
    const startedAt = performance.now();
    const { status, body, headers } = await call();
    expect([status, body['code'], body['success']]).toEqual([503, 'redis_unavailable', false]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(withinMs);
  }
}

describe('without Redis, which', () => {
  beforeEach(() => waitFor(serve, 'all is well'));

  it('is gone, every call is refused at once; the gateways live, are not ready, and recover by themselves', async () => {
    await redis.stop();
    await expectRefusals(500);
    expect(await statusesOf('/healthz')).toEqual([200, 200]);
    expect(await statusesOf('/readyz')).toEqual([503, 503]);
    await redis.restart();
    await waitFor(serve, 'they serve again');
  });

  it('hangs, no call waits longer than the command timeout; the gateways live, are not ready, and recover', async () => {
    redis.pause();
    await expectRefusals(TIMEOUT_MS + 700);
    expect(await statusesOf('/healthz')).toEqual([200, 200]);
    expect(await statusesOf('/readyz')).toEqual([503, 503]);
    redis.resume();
    await waitFor(serve, 'they serve again');
  });
});
