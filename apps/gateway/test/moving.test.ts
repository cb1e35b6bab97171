import { gatewaySettings, loadConfig } from '@parley/config';
import { PoolStore, RedisConnection, RoomMover, roomTimes } from '@parley/redis-scripts';
import { uniqueId, useStore, waitFor } from '@parley/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { startGameServer, type GameServer } from './hosts.js';
import { useParley } from './support.js';
import { watchRoom } from './watch-room.js';

const parley = useParley(useStore(), {
  HOST_TTL_SECONDS: '5',
  LEASE_TTL_SECONDS: '1',
  ROOM_TTL_SECONDS: '10',
});
const { ask, host, goodbye } = parley;
const ROOMS = 50;
const HOSTS = 5;
const MOVERS = 4;

/** What moves rooms in a gateway, on a connection of its own. */
async function newMover(): Promise<RoomMover> {
  const config = loadConfig(gatewaySettings, parley.env);
  const connection = new RedisConnection(config);
  onTestFinished(() => connection.close());
  await connection.connect();
  return new RoomMover(connection, new PoolStore(connection, config), roomTimes(config));
}

/** A host with all the rooms in it, alone in its region. */
async function crowdedHost(region: string): Promise<GameServer> {
  const server = await startGameServer(parley, { region, slots: ROOMS });
  const created = await Promise.all(
    Array.from({ length: ROOMS }, () => ask('POST', '/api/rooms', { region })),
  );
  expect(created.filter(({ status }) => status === 201)).toHaveLength(ROOMS);
  await server.beat();
  await server.beat();
  expect(server.held.size).toBe(ROOMS);
  return server;
}

/** Every host has no more than its slots, whenever one looks. */
async function watchCapacity(servers: readonly GameServer[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    for (const { report } of servers) {
      const { leases, sessions } = (await host(report.hostId)) ?? {};
      expect(Number(leases) + Number(sessions)).toBeLessThanOrEqual(report.capacity);
    }
  }
}

// With slots for all that the movers may want at once each of them gets as far as to the last step.
it.each([
  ['just enough slots', ROOMS / HOSTS],
  ['slots enough for every mover', (MOVERS * ROOMS) / HOSTS],
])(
  'fifty rooms of a dead host are moved once each by four movers and both gateways: %s',
  async (_, slots) => {
    const region = uniqueId('region');
    const old = await crowdedHost(region);
    const rooms = [...old.held];
    const next = await Promise.all(
      Array.from({ length: HOSTS }, () => startGameServer(parley, { region, slots })),
    );
    for (const server of next) server.live();
    const movers = await Promise.all(Array.from({ length: MOVERS }, newMover));
    let isOver = false;
    const capacity = watchCapacity(next, () => isOver);
    await goodbye(old.report.hostId);
    const isElsewhere = async (roomId: string) => {
      const { serverAddress = old.report.address } = (await ask('GET', `/api/rooms/${roomId}`)).body;
      return serverAddress !== old.report.address;
    };
    for (let left = rooms; left.length > 0;) {
      const tries = left.map(async (roomId) => {
        await Promise.all(movers.map((mover) => mover.move(roomId, old.report.hostId)));
        return (await isElsewhere(roomId)) ? [] : [roomId];
      });
      left = (await Promise.all(tries)).flat();
    }
    isOver = true;
    await capacity;

    for (const server of next) await server.beat();
    const homes = new Map(next.flatMap((server) => [...server.held].map((roomId) => [roomId, server])));
    expect([...homes.keys()].toSorted()).toEqual(rooms.toSorted());
    expect(next.flatMap(({ held }) => [...held])).toHaveLength(ROOMS);
    for (const [roomId, { report }] of homes) {
      expect((await ask('GET', `/api/rooms/${roomId}`)).body['serverAddress']).toBe(report.address);
    }
    const watchers = await Promise.all(
      rooms.map((roomId, at) => watchRoom(parley.gateways[at % 2 ? 1 : 0].port, roomId)),
    );
    for (const { told, types } of watchers) {
      await waitFor(() => told.length >= 3, 'it was told');
      expect(types()).toEqual(['assigned', 'migrating', 'migrated']);
    }

    // The old one is back: it is told of each, and changes nothing.
    await old.beat();
    expect([...old.released].toSorted()).toEqual(rooms.toSorted());
    for (const server of next) {
      const { held, released, report } = server;
      const before = held.size;
      await server.beat();
      expect([held.size, released.size]).toEqual([before, 0]);
      const slotsLeft = { free: slots - before, leases: 0, sessions: before };
      expect(await host(report.hostId)).toMatchObject(slotsLeft);
    }
  },
);
