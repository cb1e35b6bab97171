import { useRedis, waitFor } from '@parley/testkit';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { heartbeat, useMatchmakers } from './support.js';

const redis = useRedis();
const matchmaker = useMatchmakers();
// A TURN provider that never answers keeps a match waiting for as long as it may.
const silent = createServer(() => {});
beforeAll(() => new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

it('a slot whose client is gone before the answer goes back at once, not after its lease', async () => {
  const { ask, port } = await matchmaker({
    ...redis.env,
    METERED_DOMAIN: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    METERED_API_KEY: 'some-key',
    ICE_TIMEOUT_MS: '500',
  });
  await ask('POST', '/api/host/heartbeat', heartbeat());
  const leases = async () => {
    const { body } = await ask('GET', '/api/hosts');
    return (body as unknown as { leases: number }[])[0]?.leases;
  };
  const leaving = new AbortController();
  const { signal } = leaving;
  const find = fetch(`http://127.0.0.1:${port}/api/match/find`, { method: 'POST', body: '{}', signal });
  await waitFor(async () => (await leases()) === 1, 'the slot is held');
  leaving.abort();
  await expect(find).rejects.toThrow('abort');
  await waitFor(async () => (await leases()) === 0, 'the slot is back', 5_000);
});
