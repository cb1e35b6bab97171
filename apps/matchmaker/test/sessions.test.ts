import { openSocket, startService, useStore, waitFor, type RunningService } from '@parley/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { heartbeat, useMatchmakers, type Ask } from './support.js';

const redis = useStore();
const matchmaker = useMatchmakers();
let ask: Ask;
let signaling: RunningService;

beforeAll(async () => {
  ({ ask } = await matchmaker({ ...redis.env }));
  signaling = await startService('signaling', { ...redis.env, ROOM_CAPACITY: '4' });
});
afterAll(() => signaling.stop('SIGKILL'));

/** What real hosts do: they always say idle with all slots, and wait in their room. */
async function streamingHost(capacity = 1) {
  const host = heartbeat({ capacity });
  const beat = () => ask('POST', '/api/host/heartbeat', host);
  const join = () => openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${host.roomId}`);
  const find = async () => (await ask('POST', '/api/match/find', { region: host.region })).status;
  await beat();
  return { beat, join, find };
}

const offer = { type: 'offer', sdp: 'v=0' };
const answer = { type: 'answer', sdp: 'v=0' };

it('a host that always says idle is given once while somebody plays, and again when they leave (P2)', async () => {
  const { beat, join, find } = await streamingHost();
  const host = await join();
  expect(await find()).toBe(200);
  const client = await join();
  client.send(offer);
  await host.next();
  host.send(answer);
  await client.next();
  for (let times = 0; times < 3; times++) {
    await beat();
    expect(await find()).toBe(404);
  }
  await client.close();
  await waitFor(async () => (await find()) === 200, 'the slot is free again');
  await host.close();
});

it('a host that has left its room is not handed out however it heartbeats, until it is back (P6)', async () => {
  // More slots than it takes asking until the room's news is there.
  const { beat, join, find } = await streamingHost(1_000);
  const host = await join();
  await beat();
  await host.close();
  await waitFor(async () => {
    await beat();
    return (await find()) === 404;
  }, 'the host counts as gone');
  const again = await join();
  await waitFor(async () => (await find()) === 200, 'the host counts again');
  await again.close();
});

it('a host that joined its room before its first heartbeat is known to be there', async () => {
  const host = heartbeat({ capacity: 1_000 });
  const early = await openSocket(`ws://127.0.0.1:${signaling.port}/?roomId=${host.roomId}`);
  await ask('POST', '/api/host/heartbeat', host);
  const find = async () => (await ask('POST', '/api/match/find', { region: host.region })).status;
  await early.close();
  await waitFor(async () => (await find()) === 404, 'the host counts as gone');
});
