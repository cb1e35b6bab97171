import { lookInside, uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';
import { bearer, JWT_SECRET, userToken } from './user-token.js';

const redis = useStore();
const { ask, heartbeat, gateway, host: hostNow } = useParley(redis);

/** A host with free slots, alone in its region. */
async function host(fields: Parameters<typeof hostReport>[0] = {}) {
  const report = hostReport(fields);
  await heartbeat(report);
  return report;
}

async function createRoom(region: string, body: object = {}) {
  const { status, body: room } = await ask('POST', '/api/rooms', { region, ...body });
  expect(status).toBe(201);
  return room as { roomId: string; ownerToken: string; [field: string]: unknown };
}

describe('creating a room', () => {
  it("answers with the game server's address, and any gateway then finds the room", async () => {
    const { region, hostId, address } = await host();
    const { status, body, headers } = await ask('POST', '/api/rooms', { region, maxPlayers: 4 });
    expect(status).toBe(201);
    expect(body).toMatchObject({ hostId, region, serverAddress: address, maxPlayers: 4, players: 0 });
    expect(body).not.toHaveProperty('signalingUrl');
    expect(Number(body['expiresAt'])).toBeGreaterThan(Date.now());
    expect(headers.get('location')).toBe(`/api/rooms/${String(body['roomId'])}`);
    const found = await ask('GET', `/api/rooms/${String(body['roomId'])}`);
    expect(found.status).toBe(200);
    expect(found.body).toMatchObject({ hostId, region, serverAddress: address, status: 'open' });
  });

  it('answers with signaling and ICE servers where only a streaming host is free', async () => {
    const { region } = await host({ address: undefined });
    const room = await createRoom(region);
    expect(room['signalingUrl']).toMatch(/^ws:\/\/[^?]+$/);
    expect(room['iceServers']).toEqual(
      expect.arrayContaining([expect.objectContaining({ urls: expect.anything() as unknown })]),
    );
    expect(room).not.toHaveProperty('serverAddress');
  });

  it('lets those who created or joined into the signaling room, and nobody else, when auth is on', async () => {
    const { region } = await host({ address: undefined });
    const { ask: withAuth } = await gateway({ ...redis.env, ENABLE_AUTH: 'true', JWT_SECRET });
    const user = bearer(userToken({ sub: uniqueId('user') }));
    const created = await withAuth('POST', '/api/rooms', { region }, user);
    const path = `/api/rooms/${String(created.body['roomId'])}`;
    const joined = await withAuth('POST', `${path}/join`, {}, user);
    for (const { body } of [created, joined]) expect(body['token']).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await withAuth('GET', path)).body).not.toHaveProperty('token');
    expect((await ask('POST', `${path}/join`)).body).not.toHaveProperty('token');
  });

  it('gives each room a name of three groups without look-alikes', async () => {
    const { region } = await host({ capacity: 20, availableSlots: 20 });
    const rooms = await Promise.all(Array.from({ length: 20 }, () => createRoom(region)));
    const names = rooms.map(({ roomId }) => roomId);
    expect(new Set(names).size).toBe(20);
    for (const name of names) expect(name).toMatch(/^[2-9a-hjkmnp-tv-z]{4}(-[2-9a-hjkmnp-tv-z]{4}){2}$/);
  });

  it('never hands a slot out twice: the rest gets 503 and Retry-After', async () => {
    const { region } = await host({ capacity: 5, availableSlots: 5 });
    const asks = Array.from({ length: 20 }, () => ask('POST', '/api/rooms', { region }));
    const answers = await Promise.all(asks);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(15);
    expect(refused[0]?.body).toMatchObject({ code: 'no_capacity', success: false });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('takes the first region that has a slot', async () => {
    const { region } = await host();
    const { body } = await ask('POST', '/api/rooms', { regions: [uniqueId('empty'), region] });
    expect(body['region']).toBe(region);
  });

  it.each([
    { maxPlayers: 0 },
    { maxPlayers: 2.5 },
    { maxPlayers: '4' },
    { region: 7 },
    { region: '' },
    { regions: [] },
  ])('refuses %o and says what is wrong', async (wrong) => {
    const { status, body } = await ask('POST', '/api/rooms', wrong);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'validation_failed', success: false });
    expect((body['issues'] as { path: string }[])[0]?.path).toBe(Object.keys(wrong)[0]);
  });
});

describe('joining a room', () => {
  it('gets the same address as the creator', async () => {
    const { region, address } = await host();
    const { roomId } = await createRoom(region);
    const { status, body } = await ask('POST', `/api/rooms/${roomId}/join`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ roomId, serverAddress: address, players: 1 });
  });

  it('never overshoots maxPlayers: the rest gets 409', async () => {
    const { region } = await host();
    const { roomId } = await createRoom(region, { maxPlayers: 10 });
    const joins = Array.from({ length: 64 }, () => ask('POST', `/api/rooms/${roomId}/join`));
    const answers = await Promise.all(joins);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const full = answers.filter(({ status }) => status === 409);
    expect(full).toHaveLength(54);
    expect(full[0]?.body).toMatchObject({ code: 'room_full', success: false });
  });

  it.each(['POST /join', 'GET ', 'DELETE '])('%s of an unknown room is 404', async (call) => {
    const [method, suffix] = call.split(' ') as ['POST' | 'GET' | 'DELETE', string];
    const path = `/api/rooms/${uniqueId('none')}${suffix}`;
    const { status, body } = await ask(method, path, undefined, bearer('x'));
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'room_not_found', status: 404 });
  });
});

describe('deleting a room', () => {
  it("takes its owner's token: 401 without, 403 with another, and the room stays", async () => {
    const { region } = await host();
    const { roomId } = await createRoom(region);
    expect((await ask('DELETE', `/api/rooms/${roomId}`)).status).toBe(401);
    const basic = await ask('DELETE', `/api/rooms/${roomId}`, undefined, { Authorization: 'Basic eDp5' });
    expect(basic.status).toBe(401);
    const wrong = await ask('DELETE', `/api/rooms/${roomId}`, undefined, bearer('x'.repeat(43)));
    expect(wrong.status).toBe(403);
    expect((await ask('GET', `/api/rooms/${roomId}`)).status).toBe(200);
  });

  it('removes the room and gives its slot back', async () => {
    const { region } = await host();
    const { roomId, ownerToken } = await createRoom(region);
    expect((await ask('POST', '/api/rooms', { region })).status).toBe(503);
    const deleted = await ask('DELETE', `/api/rooms/${roomId}`, undefined, bearer(ownerToken));
    expect(deleted.status).toBe(204);
    expect((await ask('GET', `/api/rooms/${roomId}`)).status).toBe(404);
    expect((await ask('POST', '/api/rooms', { region })).status).toBe(201);
  });

  it('by many at once gives back one slot, not more', async () => {
    const { region } = await host({ capacity: 2, availableSlots: 2 });
    const [first] = [await createRoom(region), await createRoom(region)];
    const path = `/api/rooms/${first.roomId}`;
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => ask('DELETE', path, undefined, bearer(first.ownerToken))),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 404, 404, 404]);
    await createRoom(region);
    expect((await ask('POST', '/api/rooms', { region })).status).toBe(503);
  });

  it('while players join leaves no seat, no room and no slot taken', async () => {
    const { region, hostId } = await host({ capacity: 8, availableSlots: 8 });
    const rooms = await Promise.all(Array.from({ length: 8 }, () => createRoom(region)));
    const calls = rooms.map(async ({ roomId, ownerToken }) => {
      const path = `/api/rooms/${roomId}`;
      const join = () => ask('POST', `${path}/join`);
      const joins = [join(), join(), join()];
      const deleted = ask('DELETE', path, undefined, bearer(ownerToken));
      joins.push(join(), join(), join());
      for (const { status } of await Promise.all(joins)) expect([200, 404]).toContain(status);
      expect((await deleted).status).toBe(204);
      expect((await join()).status).toBe(404);
    });
    await Promise.all(calls);
    expect(await hostNow(hostId)).toMatchObject({ free: 8, leases: 0 });
    const left = await lookInside(redis.env, async (inside) => {
      const keys = await Promise.all(rooms.map(({ roomId }) => inside.keys(`*{room:${roomId}}*`)));
      return keys.flat().filter((key) => !key.endsWith(':events'));
    });
    expect(left).toEqual([]);
  });

  it("never tells the owner's token again, nor its hash", async () => {
    const { region } = await host();
    const { roomId } = await createRoom(region);
    for (const { body } of [
      await ask('GET', `/api/rooms/${roomId}`),
      await ask('POST', `/api/rooms/${roomId}/join`),
    ]) {
      expect(Object.keys(body).filter((field) => /owner|hash|lease/i.test(field))).toEqual([]);
    }
  });
});
