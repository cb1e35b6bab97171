import { uniqueId, useStore } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { atEachStep, eventually, TIMEOUT_MS, useDoomedGateways } from './doomed-gateways.js';
import { startGameServer } from './hosts.js';
import { useParley } from './support.js';
import { bearer } from './user-token.js';
import { watchRoom } from './watch-room.js';

const LEASE_MS = 2_000;
const parley = useParley(useStore(), {
  HOST_TTL_SECONDS: '15',
  LEASE_TTL_SECONDS: String(LEASE_MS / 1_000),
  // Longer than a busy machine takes until a room is open, and somebody comes to it.
  ROOM_TTL_SECONDS: '8',
});
const { start } = useDoomedGateways(() => parley.env);
const { ask, host } = parley;
/** What a busy machine may take for what is due. */
const SPARE_MS = 6_000;

/** A room on a host that is alone in its region, has one slot more, and reports the room. */
async function openRoom(body: object, players = 0) {
  const server = await startGameServer(parley, { slots: 2, players });
  const { region, hostId } = server.report;
  const created = await ask('POST', '/api/rooms', { region, ...body });
  const roomId = String(created.body['roomId']);
  await server.beat();
  await server.beat();
  server.live();
  const owner = bearer(String(created.body['ownerToken']));
  return { server, region, hostId, roomId, owner, path: `/api/rooms/${roomId}` };
}

const listed = async (region: string) => {
  const { body } = await ask('GET', `/api/rooms?region=${region}`);
  return (body['rooms'] as { roomId: string }[]).map(({ roomId }) => roomId);
};

const deathOf = (fate: object) => ('diedAfter' in fate ? String(fate.diedAfter) : undefined);

describe('a gateway that is killed', { timeout: TIMEOUT_MS }, () => {
  it('while a player joins: the seat comes back', async () => {
    const deaths = await atEachStep(async (commands) => {
      const doomed = await start();
      const { path } = await openRoom({ maxPlayers: 1 });
      const fate = await doomed.killAfter(commands, (one) => one('POST', `${path}/join`));
      const joinAgain = async () => {
        const { status, body } = await ask('POST', `${path}/join`);
        expect(status === 200 || body['code'] === 'room_full').toBe(true);
        return status === 200;
      };
      const afterwards = async () => {
        await eventually(joinAgain, 'the seat is free again', LEASE_MS + SPARE_MS);
        expect((await ask('GET', path)).body).toMatchObject({ players: 1, maxPlayers: 1 });
      };
      return { diedAfter: deathOf(fate), afterwards: afterwards() };
    });
    expect(deaths.length).toBeGreaterThanOrEqual(2);
  });

  it('while a room is deleted: it is there or gone, and the second time gone with its slot', async () => {
    const deaths = await atEachStep(async (commands) => {
      const doomed = await start();
      const { server, hostId, region, roomId, path, owner } = await openRoom({ visibility: 'public' }, 1);
      const fate = await doomed.killAfter(commands, (one) => one('DELETE', path, undefined, owner));
      const afterwards = async () => {
        const before = (await ask('GET', path)).status;
        const again = (await ask('DELETE', path, undefined, owner)).status;
        expect([before, again]).toEqual(before === 200 ? [200, 204] : [404, 404]);
        expect((await ask('GET', path)).status).toBe(404);
        expect(await listed(region)).toEqual([]);
        await eventually(() => server.released.has(roomId), 'its host is told');
        const isFree = async () => (await host(hostId))?.['free'] === 2;
        await eventually(isFree, 'its slot is free', 2 * LEASE_MS + SPARE_MS);
        const watcher = await watchRoom(parley.gateways[0].port, roomId);
        await eventually(() => watcher.ended, 'the stream ends');
        expect(watcher.types()).toEqual(['assigned', 'closed']);
      };
      return { diedAfter: deathOf(fate), afterwards: afterwards() };
    });
    expect(deaths.length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['listed', 'private', 'public'],
    ['listed no more', 'public', 'private'],
  ])(
    'while a room is changed and %s: all of it is done or nothing, and all by a retry',
    async (_, from, to) => {
      const old = { visibility: from, maxPlayers: 2, metadata: {}, locked: false };
      const changes = { visibility: to, maxPlayers: 3, metadata: { mode: uniqueId('mode') }, locked: true };
      const deaths = await atEachStep(async (commands) => {
        const doomed = await start();
        const { region, roomId, path, owner } = await openRoom({ visibility: from, maxPlayers: 2 }, 1);
        const fate = await doomed.killAfter(commands, (one) => one('PATCH', path, changes, owner));
        const afterwards = async () => {
          const { body } = await ask('GET', path);
          const fields = Object.keys(old).map((field) => [field, body[field]]);
          expect([old, changes]).toContainEqual(Object.fromEntries(fields));
          const isPrivate = body['visibility'] === 'private';
          if (isPrivate) expect(await listed(region)).toEqual([]);
          expect((await ask('PATCH', path, changes, owner)).status).toBe(200);
          expect((await ask('GET', path)).body).toMatchObject(changes);
          expect(await listed(region)).toEqual(to === 'public' ? [roomId] : []);
        };
        return { diedAfter: deathOf(fate), afterwards: afterwards() };
      });
      expect(deaths.length).toBeGreaterThanOrEqual(3);
    },
  );
});
