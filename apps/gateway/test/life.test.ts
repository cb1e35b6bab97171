import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostReport, useGateways, type Ask } from './support.js';

const redis = useStore();
const { gateway, matchmaker } = useGateways();
let one: Ask;
let two: Ask;
let mm: Awaited<ReturnType<typeof matchmaker>>;

beforeAll(async () => {
  const env = { ...redis.env, HOST_TTL_SECONDS: '1', LEASE_TTL_SECONDS: '1', ROOM_TTL_SECONDS: '3' };
  mm = await matchmaker(env);
  [{ ask: one }, { ask: two }] = await Promise.all([gateway(env), gateway(env)]);
});

/** A game server with one slot, and a room on it that it opened. */
async function roomOnHost(region: string) {
  const host = hostReport({ region, address: `${uniqueId('host')}.example:7777`, rooms: [] });
  await mm.heartbeat(host);
  const { body } = await one('POST', '/api/rooms', { region, maxPlayers: 4 });
  const roomId = String(body['roomId']);
  const { assignments } = await mm.heartbeat(host);
  expect(assignments.map((each) => each.roomId)).toEqual([roomId]);
  const holding = { ...host, availableSlots: 0, rooms: [{ roomId, players: 1 }] };
  await mm.heartbeat(holding);
  return { host: holding, roomId, path: `/api/rooms/${roomId}` };
}

describe('a room whose host dies', () => {
  it('is at another address soon after, at every gateway, under the same name', async () => {
    const region = uniqueId('region');
    const { path, roomId } = await roomOnHost(region);
    const next = hostReport({ region, address: `${uniqueId('next')}.example:7777`, rooms: [] });
    const moved = async () => {
      await mm.heartbeat(next);
      return (await two('GET', path)).body['serverAddress'] === next.address;
    };
    await waitFor(moved, 'it moved', 5_000);
    const joined = await one('POST', `${path}/join`);
    expect(joined.body).toMatchObject({ roomId, status: 'open', serverAddress: next.address });
  });

  it('is said to move as long as no other host is free, and then to be gone', async () => {
    const { path, host } = await roomOnHost(uniqueId('region'));
    await mm.goodbye(host.hostId);
    const isMoving = async () => (await two('GET', path)).body['status'] === 'migrating';
    await waitFor(isMoving, 'it moves', 2_000);
    for (const answer of [await one('GET', path), await one('POST', `${path}/join`)]) {
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('serverAddress');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await waitFor(async () => (await one('GET', path)).status === 404, 'it is gone', 15_000);
  });
});

describe('a room that everybody left', () => {
  it('is gone with the next heartbeat', async () => {
    const { path, host, roomId } = await roomOnHost(uniqueId('region'));
    expect((await one('GET', path)).status).toBe(200);
    const { released } = await mm.heartbeat({ ...host, rooms: [{ roomId, players: 0 }] });
    expect(released).toEqual([roomId]);
    expect((await two('GET', path)).status).toBe(404);
  });
});
