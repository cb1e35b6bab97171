import { startService, uniqueId, useStore, waitFor, type RunningService } from '@parley/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asker, askInTurn, type Ask } from './ask.js';
import { startGameServer } from './hosts.js';
import { matchmaking, serviceEnv, useGateways, type Env } from './support.js';
import { bearer } from './user-token.js';

const store = useStore();
const { gateway } = useGateways();
const SHORT = {
  HOST_TTL_SECONDS: '3',
  LEASE_TTL_SECONDS: '1',
  ROOM_TTL_SECONDS: '10',
  REAP_INTERVAL_MS: '200',
};
let env: Env;
let matchmakers: RunningService[];
let ask: Ask;

beforeAll(async () => {
  env = { ...store.env, ...SHORT };
  matchmakers = await Promise.all([0, 1].map(() => startService('matchmaker', serviceEnv(env))));
  ask = askInTurn([(await gateway(env)).ask, (await gateway(env)).ask]);
});
afterAll(async () => {
  await Promise.all(matchmakers.map((each) => each.stop('SIGKILL')));
});

async function leads({ port }: RunningService): Promise<boolean> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return /^cloudgaming_reaper_leads(\{.*\})? 1$/m.test(metrics);
}

/** Hosts reach whichever matchmaker lives, as behind a balancer. */
const living = () => {
  const asks = () =>
    matchmakers.filter(({ process }) => process.signalCode === null).map(({ port }) => asker(port));
  let turn = 0;
  const either: Ask = (...call) => {
    const all = asks();
    const [first] = all.slice(turn++ % all.length);
    if (!first) throw new Error('no matchmaker lives');
    return first(...call);
  };
  return matchmaking(either);
};

it('rooms move though the matchmaker that leads is killed as their host dies, and are created though none is left', async () => {
  const hosts = living();
  const region = uniqueId('region');
  const old = await startGameServer(hosts, { region, slots: 3 });
  for (let room = 0; room < 3; room++) await ask('POST', '/api/rooms', { region });
  await old.beat();
  await old.beat();
  const rooms = [...old.held];
  expect(rooms).toHaveLength(3);
  const next = await startGameServer(hosts, { region, slots: 8 });
  next.live();
  const leader = await waitFor(async () => {
    for (const each of matchmakers) if (await leads(each)) return each;
  }, 'one of them leads');
  const other = matchmakers.find((each) => each !== leader);

  // The old host says nothing from here on.
  await leader.stop('SIGKILL');
  await waitFor(() => next.held.size === 3, 'the rooms are elsewhere');
  expect([...next.held].toSorted()).toEqual(rooms.toSorted());
  await waitFor(() => other && leads(other), 'the other one leads');
  await waitFor(async () => !(await hosts.host(old.report.hostId)), 'the dead host is in the pool no more');

  await next.silence();
  await other?.stop('SIGKILL');
  const created = await ask('POST', '/api/rooms', { region });
  expect(created).toMatchObject({ status: 201, body: { serverAddress: next.report.address } });
  const path = `/api/rooms/${String(created.body['roomId'])}`;
  expect((await ask('POST', `${path}/join`)).status).toBe(200);
  expect((await ask('GET', path)).body).toMatchObject({ players: 1 });
  const owner = bearer(String(created.body['ownerToken']));
  expect((await ask('DELETE', path, undefined, owner)).status).toBe(204);
});
