import { setTimeout as delay } from 'node:timers/promises';
import { uniqueId, useRedis, waitFor } from '@parley/testkit';
import { expect, it } from 'vitest';
import { startGameServer } from './hosts.js';
import { useParley } from './support.js';

const HOST_TTL_MS = 2_000;

const redis = useRedis();
const parley = useParley(redis, {
  HOST_TTL_SECONDS: String(HOST_TTL_MS / 1_000),
  CB_OPEN_MS: '200',
  REDIS_COMMAND_TIMEOUT_MS: '300',
});
const { ask } = parley;

it('rooms stay where they are when Redis was away for longer than a host may be silent', async () => {
  const region = uniqueId('region');
  const host = await startGameServer(parley, { region });
  const { body } = await ask('POST', '/api/rooms', { region });
  const room = `/api/rooms/${String(body['roomId'])}`;
  const shown = async () => (await ask('GET', room)).body;
  await waitFor(async () => (await host.beat()) && (await shown())['status'] === 'open', 'the room is open');
  await host.beat();

  redis.pause();
  await delay(HOST_TTL_MS + 500);
  redis.resume();
  // Another one is heard of first, and has a slot; the room's own host just has its turn a little later.
  const other = await waitFor(() => startGameServer(parley, { region }), 'another host is heard');
  other.live();
  const until = performance.now() + HOST_TTL_MS / 2;
  while (performance.now() < until) {
    const { code, hostId } = await shown();
    // The other gateway may not have noticed yet that Redis is back.
    if (code !== 'redis_unavailable') expect(hostId).toBe(host.report.hostId);
    await delay(50);
  }
  await host.beat();
  expect(await shown()).toMatchObject({ status: 'open', hostId: host.report.hostId });
  expect(host.held).toContain(body['roomId']);

  // One that really is gone is noticed all the same.
  await waitFor(async () => (await shown())['hostId'] === other.report.hostId, 'the room moves', 15_000);
});
