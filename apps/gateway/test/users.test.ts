import { uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { hostReport, useParley } from './support.js';
import { bearer, claimsOf, JWT_SECRET, userToken } from './user-token.js';

const redis = useStore();
const AUTH = { ENABLE_AUTH: 'true', JWT_SECRET };
const LIMIT = 20;
const LIMITS = { RATE_LIMIT_USER_PER_10S: String(LIMIT), RATE_LIMIT_HTTP_PER_10S: '1000' };
const { ask, heartbeat, gateway } = useParley(redis, AUTH);
const { ask: askLimited } = useParley(redis, { ...AUTH, ...LIMITS });

/** A streaming host with free slots, alone in its region. */
async function streamingHost(): Promise<string> {
  const report = hostReport({ address: undefined, capacity: 8, availableSlots: 8 });
  await heartbeat(report);
  return report.region;
}

async function createRoom(claims: object = { sub: uniqueId('user') }) {
  const region = await streamingHost();
  const { status, body } = await ask('POST', '/api/rooms', { region }, bearer(userToken(claims)));
  expect(status).toBe(201);
  return body as { roomId: string; token: string };
}

describe('with ENABLE_AUTH', () => {
  it.each([
    ['no token', {}],
    ['nonsense', bearer('nonsense')],
    ['a token of another secret', bearer(userToken({ sub: 'u' }, 'another secret'))],
    ['an expired token', bearer(userToken({ sub: 'u', exp: 1 }))],
  ])('creating and joining are refused with 401: %s', async (_, headers) => {
    for (const path of ['/api/rooms', '/api/rooms/some-room/join']) {
      const { status, body, headers: answered } = await ask('POST', path, {}, headers);
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'unauthorized', success: false });
      expect(answered.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('says who is missing before it says what is wrong with the body', async () => {
    expect((await ask('POST', '/api/rooms', { maxPlayers: -1 })).status).toBe(401);
  });

  it('a user creates a room, and another who knows its name joins it at another gateway', async () => {
    const { roomId, token } = await createRoom({ sub: 'ann' });
    expect(claimsOf(token)).toMatchObject({ sub: 'ann', rooms: [roomId] });
    const joined = await ask('POST', `/api/rooms/${roomId}/join`, {}, bearer(userToken({ sub: 'bo' })));
    expect(joined.status).toBe(200);
    expect(claimsOf(joined.body['token'])).toMatchObject({ sub: 'bo', rooms: [roomId] });
  });

  it('a token that names rooms lets one join those only', async () => {
    const { roomId } = await createRoom();
    const join = (rooms: unknown) =>
      ask('POST', `/api/rooms/${roomId}/join`, {}, bearer(userToken({ sub: 'u', rooms })));
    expect((await join([roomId, 'other'])).status).toBe(200);
    expect((await join(roomId)).status).toBe(200);
    for (const rooms of [['other'], [], '*', null]) {
      const { status, body } = await join(rooms);
      expect(status).toBe(403);
      expect(body).toMatchObject({ code: 'forbidden' });
    }
  });

  it('the token of a room lets one join that room again, and neither another one nor create one', async () => {
    const { roomId, token } = await createRoom();
    const other = await createRoom();
    expect((await ask('POST', `/api/rooms/${roomId}/join`, {}, bearer(token))).status).toBe(200);
    expect((await ask('POST', `/api/rooms/${other.roomId}/join`, {}, bearer(token))).status).toBe(403);
    expect((await ask('POST', '/api/rooms', {}, bearer(token))).status).toBe(403);
  });

  it('an Idempotency-Key of one user gives no other the room', async () => {
    const region = await streamingHost();
    const create = (sub: string) =>
      ask('POST', '/api/rooms', { region }, { ...bearer(userToken({ sub })), 'Idempotency-Key': 'the-same' });
    const [ann, bo, annAgain] = [await create('ann'), await create('bo'), await create('ann')];
    expect(annAgain.body).toMatchObject({
      roomId: ann.body['roomId'],
      ownerToken: ann.body['ownerToken'],
    });
    expect(bo.body['roomId']).not.toBe(ann.body['roomId']);
    expect(bo.body['ownerToken']).not.toBe(ann.body['ownerToken']);
  });

  it('an issuer whose keys cannot be had is 503, not the fault of the token', async () => {
    const { ask: askWithoutKeys } = await gateway({
      ...redis.env,
      ENABLE_AUTH: 'true',
      JWT_ALG: 'RS256',
      JWKS_URL: 'http://127.0.0.1:9/keys',
      ROOM_TOKEN_SECRET: 'a secret',
    });
    const header = Buffer.from('{"alg":"RS256","kid":"k"}').toString('base64url');
    const { status, body } = await askWithoutKeys('POST', '/api/rooms', {}, bearer(`${header}.e30.c2ln`));
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'auth_unavailable' });
  });
});

describe('the rate limit per user', () => {
  it('is held by both gateways together, for each user, beside the one per address', async () => {
    const join = (sub: string) => askLimited('POST', '/api/rooms/none/join', {}, bearer(userToken({ sub })));
    const [sub, another] = [uniqueId('user'), uniqueId('user')];
    const asks = Array.from({ length: 3 * LIMIT }, () => join(sub));
    const answers = await Promise.all(asks);
    const served = answers.filter(({ status }) => status === 404).length;
    expect(served).toBeLessThanOrEqual(LIMIT);
    expect(served).toBeGreaterThanOrEqual(LIMIT - 2);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'rate_limited' });
    const answer = await join(another);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('ratelimit-policy')).toBe(`"http-ip";q=1000;w=10, "http-user";q=${LIMIT};w=10`);
  });
});
