import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley, type Answer } from './support.js';
import { bearer, claimsOf, JWT_SECRET, userToken } from './user-token.js';

// Who is told how to get into a room, with ENABLE_AUTH.

const parley = useParley(useStore(), {
  ENABLE_AUTH: 'true',
  JWT_SECRET,
  TURN_URLS: 'turn:turn.example:3478',
  TURN_SECRET: 'a secret of the TURN server',
});
const { ask, heartbeat } = parley;

type Visibility = 'private' | 'public';
type Kind = 'streaming' | 'game';

/** A room that a user created, whose token names other rooms only. */
async function roomOf(sub: string, visibility: Visibility = 'private', kind: Kind = 'streaming') {
  const region = uniqueId('region');
  const address = kind === 'game' ? '192.0.2.7:7777' : undefined;
  await heartbeat(hostReport({ region, capacity: 2, availableSlots: 2, address }));
  const creator = userToken({ sub, rooms: ['another-room'] });
  const { status, body } = await ask('POST', '/api/rooms', { region, visibility }, bearer(creator));
  expect(status).toBe(201);
  const { roomId, token, ownerToken } = body as { roomId: string; token: string; ownerToken: string };
  return { roomId, path: `/api/rooms/${roomId}`, creator, token, ownerToken };
}

const secretsOf = ({ body }: Answer) =>
  ['iceServers', 'signalingUrl', 'serverAddress', 'hostId', 'token', 'expiresAt'].filter(
    (name) => name in body,
  );

describe('GET of a room', () => {
  it.each(['private', 'public'] as const)(
    '%s: tells how to get in to those who may be in it',
    async (visibility) => {
      const sub = uniqueId('ann');
      const { roomId, path, creator, token, ownerToken } = await roomOf(sub, visibility);
      for (const [who, given, user] of [
        ['the user who created it', creator, sub],
        ['who has its room token', token, sub],
        ['who has a token that names it', userToken({ sub: 'bo', rooms: [roomId] }), 'bo'],
        ['its owner', ownerToken, sub],
      ] as const) {
        const answer = await ask('GET', path, undefined, bearer(given));
        const { rooms, sub: named } = claimsOf(answer.body['token']);
        expect({ who, status: answer.status, rooms, named }).toEqual({
          who,
          status: 200,
          rooms: [roomId],
          named: user,
        });
        expect(JSON.stringify(answer.body['iceServers'])).toContain('credential');
      }
    },
  );

  it('public: shows others what the list shows, and no more', async () => {
    const { path } = await roomOf('ann', 'public');
    for (const headers of [
      {},
      bearer(userToken({ sub: 'bo' })),
      bearer(userToken({ sub: 'bo', rooms: ['another-room'] })),
      bearer((await roomOf('ann')).token),
    ]) {
      const answer = await ask('GET', path, undefined, headers);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ visibility: 'public', status: 'open', players: 0 });
      expect(secretsOf(answer)).toEqual([]);
    }
  });

  it('private: shows as much to a user who may join by its name', async () => {
    const { path } = await roomOf('ann');
    const answer = await ask('GET', path, undefined, bearer(userToken({ sub: 'bo' })));
    expect([answer.status, secretsOf(answer)]).toEqual([200, []]);
  });

  it('private: answers others as if it were not there', async () => {
    const { path } = await roomOf('ann');
    const none = `/api/rooms/${uniqueId('none')}`;
    const otherRoom = (await roomOf('ann')).token;
    const otherOwner = (await roomOf('ann')).ownerToken;
    for (const [headers, status, code] of [
      [{}, 401, 'unauthorized'],
      [bearer('nonsense'), 401, 'unauthorized'],
      [bearer(otherOwner), 401, 'unauthorized'],
      [bearer(userToken({ sub: 'ann', exp: 1 })), 401, 'unauthorized'],
      [bearer(userToken({ sub: 'bo', rooms: ['another-room'] })), 404, 'room_not_found'],
      [bearer(otherRoom), 404, 'room_not_found'],
    ] as const) {
      const [there, notThere] = [
        await ask('GET', path, undefined, headers),
        await ask('GET', none, undefined, headers),
      ];
      expect([there.status, there.body['code']]).toEqual([status, code]);
      expect({ ...there.body, requestId: '' }).toEqual({ ...notThere.body, requestId: '' });
    }
  });
});

describe('the user who created a room', () => {
  it.each(['streaming', 'game'] as const)(
    'joins it again, on a %s host, with a fresh room token',
    async (kind) => {
      const sub = uniqueId('ann');
      const { roomId, path, creator } = await roomOf(sub, 'private', kind);
      const { status, body } = await ask('POST', `${path}/join`, {}, bearer(creator));
      expect(status).toBe(200);
      const claims = claimsOf(body['token']);
      expect(claims).toMatchObject({ sub, rooms: [roomId] });
      expect(Number(claims['exp'])).toBeGreaterThan(Date.now() / 1_000 + 500);
    },
  );

  it('is nobody else: neither with that name in a room token of another room, nor without a name', async () => {
    const { path } = await roomOf('ann');
    for (const token of [
      (await roomOf('ann')).token,
      userToken({ sub: 'bo', rooms: [] }),
      userToken({ rooms: [] }),
      userToken({ sub: '', rooms: [] }),
    ]) {
      const { status, body } = await ask('POST', `${path}/join`, {}, bearer(token));
      expect([status, body['code']]).toEqual([403, 'forbidden']);
    }
  });

  it('and others learn from a refusal to join nothing of whether a room is there', async () => {
    const { path } = await roomOf('ann');
    const token = bearer(userToken({ sub: 'bo', rooms: [] }));
    const there = await ask('POST', `${path}/join`, {}, token);
    const none = await ask('POST', `/api/rooms/${uniqueId('none')}/join`, {}, token);
    expect({ ...there.body, requestId: '' }).toEqual({ ...none.body, requestId: '' });
  });

  it('is not told to others', async () => {
    const sub = uniqueId('a-secret-user');
    const { roomId, path, ownerToken } = await roomOf(sub, 'public');
    const guest = bearer(userToken({ sub: 'bo' }));
    const answers = [
      await ask('GET', '/api/rooms'),
      await ask('GET', path),
      await ask('POST', `${path}/join`, {}, guest),
      await ask('PATCH', path, { locked: false }, bearer(ownerToken)),
    ];
    expect(JSON.stringify(answers[0]?.body)).toContain(roomId);
    for (const { body } of answers) expect(JSON.stringify({ ...body, token: '' })).not.toContain(sub);
  });
});

describe("a room's events", () => {
  /** The first event that somebody is told, and the status of the answer. */
  async function firstEvent(path: string, headers: Record<string, string> = {}) {
    const response = await fetch(`http://127.0.0.1:${parley.gateways[0].port}${path}`, { headers });
    let text = '';
    const reader = response.body?.getReader();
    const isTold = async () => {
      if (response.status !== 200) return true;
      text += Buffer.from((await reader?.read())?.value ?? []).toString();
      return text.includes('data: ');
    };
    await waitFor(isTold, 'an event');
    await reader?.cancel();
    return { status: response.status, text };
  }

  it('tell where the room is only to those who may be in it', async () => {
    const { path, token, creator } = await roomOf('ann', 'public', 'game');
    const events = `${path}/events`;
    for (const told of [
      await firstEvent(events, bearer(token)),
      await firstEvent(events, bearer(creator)),
      await firstEvent(`${events}?token=${token}`),
    ]) {
      expect(told.text).toContain('192.0.2.7:7777');
    }
    const told = await firstEvent(events);
    expect(told.text).toContain('event: assigned');
    expect(told.text).not.toMatch(/192\.0\.2\.7|hostId/);
  });

  it('of a private room are told to nobody else', async () => {
    const { path } = await roomOf('ann');
    expect((await firstEvent(`${path}/events`)).status).toBe(401);
    const other = bearer(userToken({ sub: 'bo', rooms: [] }));
    expect((await firstEvent(`${path}/events`, other)).status).toBe(404);
  });
});

describe('a host', () => {
  it('gets a token for each room that it is to open', async () => {
    const host = hostReport({ address: undefined });
    await heartbeat(host);
    const user = bearer(userToken({ sub: 'ann' }));
    const { body } = await ask('POST', '/api/rooms', { region: host.region }, user);
    const [assignment] = (await heartbeat(host)).assignments as readonly { roomId: string; token?: string }[];
    expect(assignment?.roomId).toBe(body['roomId']);
    expect(claimsOf(assignment?.token)).toMatchObject({ rooms: [body['roomId']], role: 'host' });
  });
});
