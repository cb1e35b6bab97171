import { openSocket, startService, uniqueId, useStore, type RunningService } from '@parley/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { heartbeat, useMatchmakers } from './support.js';

const redis = useStore();
const matchmaker = useMatchmakers();
const AUTH = { ENABLE_AUTH: 'true', JWT_SECRET: 'a-secret-that-tests-share-with-signaling' };
let signaling: RunningService;

beforeAll(async () => {
  signaling = await startService('signaling', { ...redis.env, ...AUTH });
});
afterAll(() => signaling.stop('SIGKILL'));

const join = (roomId: string, token: unknown) =>
  openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${roomId}&token=${String(token)}`);

it('with auth on, host and client get tokens that let them into their room, and into no other', async () => {
  const { ask } = await matchmaker({ ...redis.env, ...AUTH });
  const host = heartbeat();
  const { body: beat } = await ask('POST', '/api/host/heartbeat', host);
  const { body: match } = await ask('POST', '/api/match/find', { region: host.region });
  const hostSocket = await join(host.roomId, beat['token']);
  const clientSocket = await join(host.roomId, match['token']);
  clientSocket.send({ type: 'offer', sdp: 'v=0' });
  expect(await hostSocket.next()).toMatchObject({ type: 'offer' });
  const elsewhere = await join('another-room', match['token']);
  expect(await elsewhere.waitClosed()).toEqual({ code: 1008, reason: 'Forbidden' });
  await Promise.all([hostSocket.close(), clientSocket.close()]);
});

it('with auth on, a host comes back with its last token into every room that it has open', async () => {
  const { ask } = await matchmaker({ ...redis.env, ...AUTH });
  const open = [uniqueId('room'), uniqueId('room')] as const;
  const host = heartbeat({ rooms: open.map((roomId) => ({ roomId, players: 1 })) });
  const { body } = await ask('POST', '/api/host/heartbeat', host);
  const sockets = await Promise.all([host.roomId, ...open].map((roomId) => join(roomId, body['token'])));
  for (const each of sockets) expect(each.closed).toBeUndefined();
  const elsewhere = await join('another-room', body['token']);
  expect(await elsewhere.waitClosed()).toEqual({ code: 1008, reason: 'Forbidden' });
  for (const each of sockets) expect(each.closed).toBeUndefined();
});

it('with auth off, nobody gets one', async () => {
  const { ask } = await matchmaker({ ...redis.env });
  const host = heartbeat();
  expect((await ask('POST', '/api/host/heartbeat', host)).body).not.toHaveProperty('token');
  expect((await ask('POST', '/api/match/find', { region: host.region })).body).not.toHaveProperty('token');
});
