import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';

const { ask, heartbeat, goodbye } = useParley(useStore(), {
  HOST_TTL_SECONDS: '1',
  LEASE_TTL_SECONDS: '1',
  ROOM_TTL_SECONDS: '3',
});

/** A game server with one slot, and a room on it that it opened. */
async function roomOnHost(region: string) {
  const host = hostReport({ region, address: `${uniqueId('host')}.example:7777`, rooms: [] });
  await heartbeat(host);
  const { body } = await ask('POST', '/api/rooms', { region, maxPlayers: 4 });
  const roomId = String(body['roomId']);
  const { assignments } = await heartbeat(host);
  expect(assignments.map((each) => each.roomId)).toEqual([roomId]);
  const holding = { ...host, availableSlots: 0, rooms: [{ roomId, players: 1 }] };
  await heartbeat(holding);
  return { host: holding, roomId, path: `/api/rooms/${roomId}` };
}

describe('a room whose host dies', () => {
  it('is at another address soon after, at every gateway, under the same name', async () => {
    const region = uniqueId('region');
    const { path, roomId } = await roomOnHost(region);
    const next = hostReport({ region, address: `${uniqueId('next')}.example:7777`, rooms: [] });
    const moved = async () => {
      await heartbeat(next);
      return (await ask('GET', path)).body['serverAddress'] === next.address;
    };
    await waitFor(moved, 'it moved', 5_000);
    const joined = await ask('POST', `${path}/join`);
    expect(joined.body).toMatchObject({ roomId, status: 'open', serverAddress: next.address });
  });

  it('is said to move as long as no other host is free, and then to be gone', async () => {
    const { path, host } = await roomOnHost(uniqueId('region'));
    await goodbye(host.hostId);
    const isMoving = async () => (await ask('GET', path)).body['status'] === 'migrating';
    await waitFor(isMoving, 'it moves', 2_000);
    for (const answer of [await ask('GET', path), await ask('POST', `${path}/join`)]) {
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('serverAddress');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await waitFor(async () => (await ask('GET', path)).status === 404, 'it is gone', 15_000);
  });
});

describe('a room that everybody left', () => {
  it('is gone with the next heartbeat', async () => {
    const { path, host, roomId } = await roomOnHost(uniqueId('region'));
    expect((await ask('GET', path)).status).toBe(200);
    const { released } = await heartbeat({ ...host, rooms: [{ roomId, players: 0 }] });
    expect(released).toEqual([roomId]);
    expect((await ask('GET', path)).status).toBe(404);
  });
});
