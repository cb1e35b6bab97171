import { setTimeout as delay } from 'node:timers/promises';
import { gatewaySettings, loadConfig } from '@parley/config';
import { RedisConnection, type HostReport } from '@parley/redis-scripts';
import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGameServer } from './hosts.js';
import { hostReport, useParley } from './support.js';
import { bearer } from './user-token.js';

const LEASE_TTL_MS = 2_000;
const redis = useStore();
const parley = useParley(redis, { HOST_TTL_SECONDS: '3', LEASE_TTL_SECONDS: String(LEASE_TTL_MS / 1_000) });
const { ask, heartbeat, matchmaker } = parley;

/** Redis loses all that it has, as it does when it restarts without having kept anything. */
async function lose(): Promise<void> {
  // Less than this a matchmaker cannot tell from clocks that differ.
  await delay(150);
  const connection = new RedisConnection(loadConfig(gatewaySettings, redis.env));
  onTestFinished(() => connection.close());
  await connection.connect();
  await connection.command('lose', async (client) => {
    const nodes = 'nodes' in client ? client.nodes('master') : [client];
    await Promise.all(nodes.map((node) => node.flushall()));
  });
}

interface Created {
  readonly roomId: string;
  readonly ownerToken: string;
}

async function createRoom(region: string, body: object = {}): Promise<Created> {
  const answer = await ask('POST', '/api/rooms', { region, ...body });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Created;
}

/** How many rooms both matchmakers have written again. */
async function recalled(slot: 'held' | 'none'): Promise<number> {
  const counts = await Promise.all(
    parley.matchmakers.map(async ({ port }) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(
        new RegExp(`^cloudgaming_rooms_recalled_total\\{slot="${slot}"\\} (\\d+)$`, 'm').exec(text)?.[1],
      );
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

const shown = ({ roomId }: Created) => ask('GET', `/api/rooms/${roomId}`);
const join = ({ roomId }: Created) => ask('POST', `/api/rooms/${roomId}/join`, {});

/** A game server that has a room open with one player, alone in its region; both matchmakers have heard of it. */
async function playedRoom(body: object = {}) {
  const region = uniqueId('region');
  const server = await startGameServer(parley, { region });
  const room = await createRoom(region, body);
  for (let beats = 0; beats < 3; beats++) await server.beat();
  expect([...server.held]).toEqual([room.roomId]);
  return { region, server, room };
}

describe('a room that Redis has lost', () => {
  it("is there again with its host's next heartbeat: the host, the seats, the list, and whose it is", async () => {
    const metadata = { mode: 'ffa' };
    const { region, server, room } = await playedRoom({ maxPlayers: 3, visibility: 'public', metadata });
    const before = (await shown(room)).body;
    expect((await join(room)).status).toBe(200);
    await server.beat();
    await server.beat();

    await lose();
    expect((await shown(room)).status).toBe(404);
    const [held, none] = [await recalled('held'), await recalled('none')];
    expect(await server.beat()).toEqual(expect.objectContaining({ released: [] }));

    expect([await recalled('held'), await recalled('none')]).toEqual([held + 1, none]);
    const { hostId, address } = server.report;
    expect((await shown(room)).body).toMatchObject({
      hostId,
      region,
      serverAddress: address,
      metadata,
      maxPlayers: 3,
      visibility: 'public',
      createdAt: before['createdAt'],
      // One is there, and one is on the way.
      players: 2,
    });
    expect((await join(room)).body).toMatchObject({ hostId, serverAddress: address });
    expect((await join(room)).status).toBe(409);
    const listed = (await ask('GET', `/api/rooms?region=${region}`)).body['rooms'];
    expect(listed).toMatchObject([{ roomId: room.roomId }]);

    expect((await ask('DELETE', `/api/rooms/${room.roomId}`, undefined, bearer('another'))).status).toBe(403);
    const deleted = await ask('DELETE', `/api/rooms/${room.roomId}`, undefined, bearer(room.ownerToken));
    expect(deleted.status).toBe(204);
    for (let beats = 0; beats < 3; beats++) await server.beat();
    expect((await shown(room)).status).toBe(404);
    expect([...server.released]).toEqual([room.roomId]);
  });

  it('moves when its host dies later', async () => {
    const { region, server, room } = await playedRoom();
    await lose();
    await server.beat();
    const other = await startGameServer(parley, { region });
    other.live();
    const isMoved = async () => (await shown(room)).body['serverAddress'] === other.report.address;
    await waitFor(isMoved, 'the room moves', 15_000);
    expect((await shown(room)).status).toBe(200);
  });

  it('is not written by a matchmaker that never heard of its host, and is by the next that did', async () => {
    const { server, room } = await playedRoom();
    await lose();
    const stranger = await matchmaker(parley.env);
    const rooms = [{ roomId: room.roomId, players: 1 }];
    const news = await stranger.heartbeat({ ...server.report, rooms });
    expect(news.released).toEqual([]);
    expect((await shown(room)).status).toBe(404);
    await server.beat();
    expect((await shown(room)).status).toBe(200);
  });

  it('stays gone when it was deleted or closed before', async () => {
    const deleted = await playedRoom();
    await ask('DELETE', `/api/rooms/${deleted.room.roomId}`, undefined, bearer(deleted.room.ownerToken));
    await deleted.server.beat();
    expect([...deleted.server.released]).toEqual([deleted.room.roomId]);
    const left = await playedRoom();
    await heartbeat({ ...left.server.report, rooms: [] });
    await lose();
    for (const { server, room } of [deleted, left]) {
      await heartbeat({ ...server.report, rooms: [] });
      await heartbeat({ ...server.report, rooms: [] });
      expect((await shown(room)).status).toBe(404);
    }
  });

  it('comes back although its host had yet to open it, and the host hears of it again', async () => {
    const report = hostReport({ capacity: 2, availableSlots: 2 });
    await heartbeat(report);
    const opened = await createRoom(report.region);
    const waiting = await createRoom(report.region);
    for (let beats = 0; beats < 2; beats++) {
      expect((await heartbeat({ ...report, rooms: [] })).assignments).toHaveLength(2);
    }
    await lose();
    const { assignments } = await heartbeat({ ...report, rooms: [{ roomId: opened.roomId, players: 0 }] });
    expect(assignments).toMatchObject([{ roomId: waiting.roomId }]);
    for (const room of [opened, waiting])
      expect((await shown(room)).body).toMatchObject({ hostId: report.hostId, players: 0 });
  });
});

it('the slots of lost rooms are not given twice, also where their host always says that it is idle', async () => {
  const idle = hostReport({ capacity: 3, availableSlots: 3 });
  const { region } = idle;
  await heartbeat(idle);
  const [played, empty] = [await createRoom(region), await createRoom(region)];
  const rooms = [
    { roomId: played.roomId, players: 1 },
    { roomId: empty.roomId, players: 0 },
  ];
  const report: HostReport = { ...idle, rooms };
  for (let beats = 0; beats < 3; beats++) await heartbeat(report);
  await lose();
  const lostAt = performance.now();
  await Promise.all([heartbeat(report), heartbeat(report)]);
  for (const room of [played, empty]) expect((await shown(room)).status).toBe(200);

  const given: unknown[] = [];
  let firstMs = 0;
  while (performance.now() - lostAt < LEASE_TTL_MS + 1_500) {
    const { status, body } = await parley.find({ region, kind: 'game' });
    if (status === 200) given.push(body['leaseId']);
    if (given.length === 1 && firstMs === 0) firstMs = performance.now() - lostAt;
    const { leases, sessions } = (await parley.host(report.hostId)) ?? {};
    if (firstMs > 0) expect(Number(leases) + Number(sessions)).toBeLessThanOrEqual(report.capacity);
    await heartbeat(report);
    await delay(50);
  }
  // The third one is free when the leases that were lost have ended.
  expect(given).toHaveLength(1);
  expect(firstMs).toBeGreaterThan(LEASE_TTL_MS - 100);
});
