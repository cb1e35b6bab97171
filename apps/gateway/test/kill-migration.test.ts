import { createKeys } from '@parley/redis-scripts';
import { lookInside, uniqueId, useStore, waitFor } from '@parley/testkit';
import { expect, it } from 'vitest';
import { askInTurn } from './ask.js';
import { atEachStep, eventually, TIMEOUT_MS, useDoomedGateways } from './doomed-gateways.js';
import { startGameServer } from './hosts.js';
import { matchmaking, useGateways, type Env } from './support.js';
import { watchRoom } from './watch-room.js';

const store = useStore();
const { gateway, matchmaker } = useGateways();
const { start } = useDoomedGateways(() => store.env);
const ROOMS = 2;
/** Just enough: slots that a dead gateway took have to be back in time for the rooms that it took them for. */
const SLOTS = ROOMS;
/**
 * A gateway that dies keeps a dead host's rooms for 5 s, and slots that it took for 4 s; a new host that it did not tell has
 * three quarters of this to open them.
 */
const ROOM_TTL_MS = 12_000;
const SHORT = {
  // Twice as long is how long a room is looked a new host for, where that is longer than the room's own time.
  HOST_TTL_SECONDS: '5',
  LEASE_TTL_SECONDS: '1',
  ROOM_TTL_SECONDS: String(ROOM_TTL_MS / 1_000),
};

/** Whether no gateway has to look after a host any more: the last command of a move. */
const isSettled = (env: Env, hostId: string) =>
  lookInside(env, async (inside) => {
    const due = await inside.scores(createKeys(env['REDIS_KEY_PREFIX'] ?? '').room.hosts());
    return !due.has(hostId);
  });

/** Two open rooms on a host that says goodbye, one with slots enough, and no gateway but the doomed one. */
async function scene() {
  const env = { ...store.env, ...SHORT, REDIS_KEY_PREFIX: `${uniqueId('p')}:` };
  const [maker, one, two] = await Promise.all([gateway(env), matchmaker(env), matchmaker(env)]);
  const matchmakers = matchmaking(askInTurn([one.ask, two.ask]));
  const region = uniqueId('region');
  const old = await startGameServer(matchmakers, { region, slots: ROOMS });
  for (let room = 0; room < ROOMS; room++) await maker.ask('POST', '/api/rooms', { region });
  await old.beat();
  await old.beat();
  expect(old.held.size).toBe(ROOMS);
  old.live();
  await maker.service.stop();
  const doomed = await start(env);
  const next = await startGameServer(matchmakers, { region, slots: SLOTS });
  next.live();
  return { env, doomed, matchmakers, services: [one.service, two.service], old, next };
}

it(
  'a gateway that is killed while it moves rooms leaves that to another: each room has one host, once',
  async () => {
    const deaths = await atEachStep(async (commands) => {
      const { env, doomed, matchmakers, services, old, next } = await scene();
      const held = doomed.gate.holdAfter(commands);
      const rooms = [...old.held];
      await old.silence();
      await matchmakers.goodbye(old.report.hostId);
      let isDead = false;
      const isDone = async () => isDead || (next.held.size === ROOMS && isSettled(env, old.report.hostId));
      const done = waitFor(isDone, 'the rooms are elsewhere', TIMEOUT_MS).then(() => undefined);
      const diedAfter = await Promise.race([held, done]);
      isDead = true;
      await doomed.kill();

      const afterwards = async () => {
        const gateways = [await gateway(env), await gateway(env)] as const;
        const ask = askInTurn([gateways[0].ask, gateways[1].ask]);
        for (const roomId of rooms) {
          const isThere = async () =>
            (await ask('GET', `/api/rooms/${roomId}`)).body['serverAddress'] === next.report.address;
          await eventually(isThere, 'the room is on the other host', 15_000);
          await eventually(() => next.held.has(roomId), 'its new host hears of it');
          const watcher = await watchRoom(gateways[0].port, roomId);
          await eventually(() => watcher.told.length >= 3, 'it was told');
          expect(watcher.types()).toEqual(['assigned', 'migrating', 'migrated']);
        }
        // The old one is back: it is told, and takes nothing away.
        await old.beat();
        expect([...old.released].toSorted()).toEqual(rooms.toSorted());
        expect([...next.held].toSorted()).toEqual(rooms.toSorted());
        const isRight = async () => {
          const { free, leases } = (await matchmakers.host(next.report.hostId)) ?? {};
          return free === SLOTS - ROOMS && leases === 0;
        };
        await eventually(isRight, 'no slot is held for nothing', ROOM_TTL_MS + 5_000);
        expect([...next.held].toSorted()).toEqual(rooms.toSorted());
        await next.silence();
        for (const each of [...gateways.map(({ service }) => service), ...services]) await each.stop();
      };
      return { diedAfter, afterwards: afterwards() };
    });
    expect(deaths.length).toBeGreaterThanOrEqual(2 * 5);
  },
  TIMEOUT_MS,
);
