import { startService, uniqueId, useRedis, waitFor } from '@parley/testkit';
import { expect, it } from 'vitest';
import { ROOT } from './support/root.js';
import { run } from './support/run.js';

const redis = useRedis();

it('the image’s health check tells a service that lives from one that may get work', async () => {
  const service = await startService('matchmaker', { ...redis.env, HOST_SECRET: uniqueId('secret') });
  const check = async (path: string): Promise<number> => {
    const env = { PORT: String(service.port) };
    return (await run(process.execPath, [`${ROOT}/deploy/healthcheck.js`, path], { env })).code;
  };
  await waitFor(async () => (await check('/readyz')) === 0, 'it is ready');
  expect(await check('/healthz')).toBe(0);
  await redis.stop();
  await waitFor(async () => (await check('/readyz')) === 1, 'it is not ready without Redis');
  expect(await check('/healthz')).toBe(0);
  await service.stop();
  expect(await check('/healthz')).toBe(1);
});
