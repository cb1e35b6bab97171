import { expect, it } from 'vitest';
import { uniqueId, useRedis } from '@parley/testkit';
import { record } from './support/sessions.js';
import { useStack } from './support/services.js';

const redis = useRedis();
const stack = useStack(redis);

/** More than one address may open in ten seconds by default (`RATE_LIMIT_CONN_PER_10S`), and fewer than some files do. */
const SESSIONS = 24;

it('lets a file’s tests open as many sessions as they need: none is sent to another instance by a limit', async () => {
  const { url } = await stack.start('signaling');
  const all = Array.from({ length: SESSIONS }, () => record({ roomId: uniqueId('room'), signalingUrl: url }));
  await Promise.all(all.map((each) => each.until('welcome')));
  expect(all.map((each) => each.of('state'))).toEqual(all.map(() => [{ state: 'open' }]));
});
