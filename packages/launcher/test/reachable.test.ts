import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { isReachable } from '../src/start/reachable.js';

it('tells an address where somebody listens from one where nobody does', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `redis://:secret@127.0.0.1:${(server.address() as AddressInfo).port}/0`;
  expect(await isReachable(url)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await isReachable(url)).toBe(false);
});
