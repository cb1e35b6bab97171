import { uniqueId, useStore } from '@parley/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { heartbeat, HOST_SECRET, useMatchmakers, type Ask } from './support.js';

const redis = useStore();
const matchmaker = useMatchmakers();
let ask: Ask;

beforeAll(async () => {
  ({ ask } = await matchmaker({ ...redis.env, HOST_SECRET_PREVIOUS: 'the-secret-before' }));
});

async function host(fields: Record<string, unknown> = {}) {
  const body = heartbeat(fields);
  expect((await ask('POST', '/api/host/heartbeat', body)).status).toBe(200);
  return body;
}

describe('a heartbeat', () => {
  it('is answered with the time to live, in seconds', async () => {
    const { body } = await ask('POST', '/api/host/heartbeat', heartbeat());
    expect(body).toEqual({ success: true, ttl: 30 });
  });

  it('takes fields that it does not know, and defaults for all but hostId and roomId', async () => {
    const hostId = uniqueId('host');
    const sent = { hostId, roomId: 'room-1', gameInfo: { type: 'idle', title: 'x' } };
    expect((await ask('POST', '/api/host/heartbeat', sent)).status).toBe(200);
    const found = await ask('POST', '/api/match/find', { hostId });
    expect(found.body).toMatchObject({ found: true, roomId: 'room-1', region: 'local' });
  });

  it('needs the secret: 401 without or malformed, 403 with another; during a rotation two are right', async () => {
    const send = (headers: Record<string, string>) =>
      ask('POST', '/api/host/heartbeat', heartbeat(), headers);
    expect((await send({})).status).toBe(401);
    expect((await send({ Authorization: `Basic ${HOST_SECRET}` })).status).toBe(401);
    expect((await send({})).body).toMatchObject({ success: false, code: 'unauthorized' });
    const wrong = await send({ Authorization: 'Bearer wrong' });
    expect(wrong.status).toBe(403);
    expect(wrong.body).toMatchObject({ success: false, error: expect.any(String) as string });
    expect((await send({ Authorization: 'Bearer the-secret-before' })).status).toBe(200);
  });

  it.each([
    ['hostId', { hostId: undefined }],
    ['roomId', { roomId: 'no spaces' }],
    ['status', { status: 'asleep' }],
    ['capacity', { capacity: -1 }],
    ['availableSlots', { availableSlots: 0.5 }],
  ])('with a bad %s is refused and says so', async (field, fields) => {
    const { status, body } = await ask('POST', '/api/host/heartbeat', heartbeat(fields));
    expect(status).toBe(400);
    expect(body).toMatchObject({ success: false, error: 'Validation failed', code: 'validation_failed' });
    expect((body['issues'] as { path: string }[])[0]?.path).toBe(field);
  });
});

describe('a match', () => {
  it('tells where to go, how to get there, and until when the slot is held', async () => {
    const { hostId, roomId, region } = await host();
    const { status, body } = await ask('POST', '/api/match/find', { region });
    expect(status).toBe(200);
    expect(body).toMatchObject({ found: true, hostId, roomId, region });
    expect(body['signalingUrl']).toBe('ws://localhost:3002');
    expect(body['iceServers']).toEqual([{ urls: 'stun:stun.l.google.com:19302' }]);
    expect(body['leaseId']).toEqual(expect.any(String));
    expect(body['expiresAt']).toBeGreaterThan(Date.now());
    expect(body).not.toHaveProperty('serverAddress');
  });

  it('that finds nobody is a 404 with found:false', async () => {
    const { status, body } = await ask('POST', '/api/match/find', { region: uniqueId('empty') });
    expect(status).toBe(404);
    expect(body).toMatchObject({ found: false, message: 'No hosts available', code: 'no_host' });
  });

  it('needs no body at all', async () => {
    await host();
    const { status } = await ask('POST', '/api/match/find');
    expect(status).toBe(200);
  });

  it('is for streaming hosts, unless a game server is asked for by name or by kind', async () => {
    const address = '192.0.2.1:7777';
    const { region, hostId } = await host({ address, capacity: 2 });
    expect((await ask('POST', '/api/match/find', { region })).status).toBe(404);
    const byKind = await ask('POST', '/api/match/find', { region, kind: 'game' });
    expect(byKind.body).toMatchObject({ found: true, serverAddress: address });
    const byName = await ask('POST', '/api/match/find', { hostId });
    expect(byName.body).toMatchObject({ found: true, serverAddress: address });
  });

  it('goes to the nearest region that the client can reach and that has a slot', async () => {
    const [near, far, unreachable] = [await host(), await host(), await host()];
    const latencies = { [far.region]: 90, [unreachable.region]: null, [near.region]: 12.5 };
    const find = async () => (await ask('POST', '/api/match/find', { latencies })).body['region'];
    expect([await find(), await find(), await find()]).toEqual([near.region, far.region, undefined]);
  });

  it('keeps to every filter that is named: region, regions and latencies together', async () => {
    const [one, two] = [await host(), await host()];
    const both = { regions: [one.region, two.region], latencies: { [two.region]: 5 } };
    const { body } = await ask('POST', '/api/match/find', both);
    expect(body['region']).toBe(two.region);
    const none = { region: one.region, latencies: { [two.region]: 5 } };
    expect((await ask('POST', '/api/match/find', none)).status).toBe(404);
    expect((await ask('POST', '/api/match/find', { region: two.region, hostId: one.hostId })).status).toBe(
      404,
    );
  });
});

describe('a host', () => {
  it('that says busy is not handed out, until it says idle', async () => {
    const { hostId, region } = await host();
    await ask('POST', '/api/host/status', { hostId, status: 'busy' });
    expect((await ask('POST', '/api/match/find', { region })).status).toBe(404);
    await ask('POST', '/api/host/status', { hostId, status: 'idle' });
    expect((await ask('POST', '/api/match/find', { region })).status).toBe(200);
  });

  it('that says goodbye is gone at once', async () => {
    const { hostId, region } = await host();
    expect((await ask('DELETE', `/api/host/${hostId}`)).body).toEqual({ success: true });
    expect((await ask('POST', '/api/match/find', { region })).status).toBe(404);
    expect((await ask('DELETE', `/api/host/${hostId}`)).status).toBe(404);
    expect((await ask('POST', '/api/host/status', { hostId, status: 'idle' })).status).toBe(404);
  });

  it('says goodbye only with the secret', async () => {
    const { hostId } = await host();
    expect((await ask('DELETE', `/api/host/${hostId}`, undefined, {})).status).toBe(401);
    expect((await ask('POST', '/api/host/status', { hostId, status: 'busy' }, {})).status).toBe(401);
  });
});

describe('the older probes', () => {
  it.each(['/', '/health'])('%s answers ok', async (path) => {
    const { status, text } = await ask('GET', path);
    expect([status, text]).toEqual([200, 'ok']);
  });
});
