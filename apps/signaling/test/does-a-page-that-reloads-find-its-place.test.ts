import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSocket, startTcpProxy, uniqueId, useRedis, waitFor, type TcpProxy } from '@parley/testkit';
import { candidate, offer, peerDisconnected } from './support/messages.js';
import { startInstance, type TestInstance } from './support/signaling.js';

const redis = useRedis();
let proxy: TcpProxy;
let instance: TestInstance;

beforeAll(async () => {
  proxy = await startTcpProxy(redis.url);
  // Limits that have to be asked about, unlike those of other tests.
  instance = await startInstance({ REDIS_URL: proxy.url, TRUST_PROXY: '1' });
});
afterAll(async () => {
  await instance.service.stop();
  await proxy.stop();
});

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

it('while the limits are asked about what it said last, which is relayed before it leaves', async () => {
  const url = `${instance.url}/?roomId=${uniqueId('room')}`;
  const host = await openSocket(url, from('10.0.0.1'));
  const page = await openSocket(url, from('10.0.0.2'));
  page.send({ ...offer, sdp: 'first' });
  await host.next();
  proxy.latencyMs = 20;
  const closed = new Promise((resolve) => page.socket.once('close', resolve));
  for (let n = 0; n < 60; n += 1) page.send(candidate(n));
  page.socket.close();
  await closed;
  const again = await openSocket(url, from('10.0.0.2'));
  again.send({ ...offer, sdp: 'again' });
  const told = () => host.messages as { type: string; sdp?: string }[];
  await waitFor(() => told().some(({ sdp }) => sdp === 'again') || again.closed, 'it is back');
  expect(again.closed).toBeUndefined();
  const gone = told().findIndex(({ type }) => type === peerDisconnected.type);
  const candidates = told().flatMap(({ type }, at) => (type === 'candidate' ? [at] : []));
  expect(candidates).not.toEqual([]);
  expect(candidates.every((at) => at < gone)).toBe(true);
  for (const { socket } of [host, again]) socket.terminate();
});
