import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { startGameServer } from './hosts.js';
import { hostReport, useGateways, type Parley } from './support.js';
import { bearer } from './user-token.js';

const redis = useStore();
const services = useGateways();
const { gateway } = services;
const SHORT = { HOST_TTL_SECONDS: '1', LEASE_TTL_SECONDS: '1', ROOM_TTL_SECONDS: '3' };
const PRODUCTION = {
  NODE_ENV: 'production',
  SIGNALING_PUBLIC_URL: 'wss://signaling.example.com',
};

let parley: Parley;
let env: Parley['env'];

beforeEach(async () => {
  // Numbers of everything: nobody else's may be among them.
  parley = await services.parley({ ...redis.env, REDIS_KEY_PREFIX: `${uniqueId('p')}:` });
  env = parley.env;
});

const gameServer = (region: string, slots: number) => startGameServer(parley, { region, slots });

interface Numbers {
  readonly hosts: number;
  readonly rooms: { readonly placed: number; readonly open: number; readonly migrating: number };
}

const overview = async () => (await parley.ask('GET', '/api/overview')).body;
const numbers = async () => (await overview()) as unknown as Numbers;

/** Wait until the overview has rooms in these states. */
async function untilRooms(wanted: Numbers['rooms']): Promise<void> {
  const text = JSON.stringify(wanted);
  await waitFor(async () => JSON.stringify((await numbers()).rooms) === text, `rooms ${text}`);
}

describe('GET /api/overview', () => {
  it('is all noughts where there is nothing', async () => {
    expect(await overview()).toMatchObject({
      hosts: 0,
      slots: { free: 0, leased: 0 },
      regions: [],
      rooms: { placed: 0, open: 0, migrating: 0 },
      migrations: 0,
      instances: 0,
      members: 0,
    });
  });

  it('counts hosts and slots by region, and rooms by state, at any gateway', async () => {
    const host = await gameServer('eu', 5);
    await parley.heartbeat(hostReport({ region: 'us', address: undefined }));
    for (let i = 0; i < 2; i++) await parley.ask('POST', '/api/rooms', { region: 'eu' });
    await untilRooms({ placed: 2, open: 0, migrating: 0 });
    expect(await overview()).toMatchObject({
      hosts: 2,
      slots: { free: 4, leased: 2 },
      regions: [
        { region: 'eu', hosts: 1, free: { streaming: 0, game: 3 }, leased: 2 },
        { region: 'us', hosts: 1, free: { streaming: 1, game: 0 }, leased: 0 },
      ],
    });
    await host.beat();
    await host.beat();
    await untilRooms({ placed: 0, open: 2, migrating: 0 });
    const { body } = await parley.ask('POST', '/api/rooms', { region: 'eu' });
    await untilRooms({ placed: 1, open: 2, migrating: 0 });
    await parley.ask(
      'DELETE',
      `/api/rooms/${String(body['roomId'])}`,
      undefined,
      bearer(String(body['ownerToken'])),
    );
    await untilRooms({ placed: 0, open: 2, migrating: 0 });
  });

  it('counts rooms that move, and each migration once', async () => {
    const host = await gameServer('eu', 3);
    for (let i = 0; i < 3; i++) await parley.ask('POST', '/api/rooms', { region: 'eu' });
    await host.beat();
    await host.beat();
    await parley.goodbye(host.report.hostId);
    await untilRooms({ placed: 0, open: 0, migrating: 3 });
    const next = await gameServer('eu', 3);
    await untilRooms({ placed: 3, open: 0, migrating: 0 });
    await next.beat();
    await next.beat();
    await untilRooms({ placed: 0, open: 3, migrating: 0 });
    expect(await overview()).toMatchObject({ migrations: 3, hosts: 1 });
  });

  it('forgets rooms that end without anybody there to see', async () => {
    for (const { service } of parley.gateways) await service.stop();
    parley = await services.parley({ ...env, ...SHORT });
    const report = hostReport({ region: 'eu' });
    await parley.heartbeat(report);
    expect((await parley.ask('POST', '/api/rooms', { region: 'eu' })).status).toBe(201);
    await parley.goodbye(report.hostId);
    await waitFor(async () => (await numbers()).rooms.placed === 0, 'the room is gone');
    await waitFor(async () => (await numbers()).rooms.migrating === 0, 'the room is gone');
  });

  it.each([
    ['without a token', {}, 401],
    ['with another token', bearer('guess'), 403],
    ['with the token', bearer('the-admin-token'), 200],
  ])('in production: %s', async (_, headers, expected) => {
    const { ask } = await gateway({ ...env, ...PRODUCTION, ADMIN_TOKEN: 'the-admin-token' });
    expect((await ask('GET', '/api/overview', undefined, headers)).status).toBe(expected);
    if (expected === 200) return;
    expect((await ask('GET', '/api/overview/events', undefined, headers)).status).toBe(expected);
  });

  it('in production without an ADMIN_TOKEN it is closed to everybody', async () => {
    const { ask } = await gateway({ ...env, ...PRODUCTION });
    expect((await ask('GET', '/api/overview', undefined, bearer('undefined'))).status).toBe(403);
  });
});

describe('GET /api/overview/events', () => {
  it('tells the numbers again and again, also after they have changed, and ends when the gateway stops', async () => {
    const response = await fetch(`http://127.0.0.1:${parley.gateways[0].port}/api/overview/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })();
    const told = () =>
      [...text.matchAll(/^event: overview\ndata: (.*)$/gm)].map(
        ([, data = '']) => JSON.parse(data) as Numbers,
      );
    await waitFor(() => told().some(({ hosts }) => hosts === 0), 'a first event');
    await gameServer('eu', 2);
    await waitFor(() => told().some(({ hosts }) => hosts === 1), 'an event with the host');
    await parley.gateways[0].service.stop();
    await reading;
  });
});
