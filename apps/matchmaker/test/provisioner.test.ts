import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniqueId, waitFor } from '@parley/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { FakeKubernetes } from './support-kubernetes.js';
import { serve } from './support-platform.js';
import {
  ask,
  INTERVAL_MS,
  leaderAmong,
  leads,
  metric,
  runHosts,
  TIMEOUT_MS,
  useMatchmakers,
  WINDOW_SECONDS,
} from './support-provisioner.js';

const LEASE_MS = 2 * (INTERVAL_MS + TIMEOUT_MS);

const { redis, settings, start } = useMatchmakers();

const folder = mkdtempSync(join(tmpdir(), 'parley-tokens-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An API server with a fleet for the region, and settings to scale it. */
async function kubernetes(region: string, plan: object) {
  const server = await new FakeKubernetes().start();
  const path = '/apis/agones.dev/v1/namespaces/games/fleets/eu/scale';
  server.set(path, 0);
  const env = settings({
    PROVISIONER: 'kubernetes',
    PROVISIONER_KUBERNETES_URL: server.url,
    PROVISIONER_REGIONS: JSON.stringify({ [region]: { target: 'fleets/games/eu', ...plan } }),
  });
  /** Each instance has a token of its own, so that the server knows who writes. */
  const as = (token: string): Record<string, string> => {
    server.tokens.add(token);
    const file = join(folder, `${region}-${token}`);
    writeFileSync(file, token);
    return { ...env, PROVISIONER_KUBERNETES_TOKEN_FILE: file };
  };
  return { server, path, as, replicas: () => server.replicas(path) ?? 0 };
}

describe('two matchmakers on Kubernetes', () => {
  it('grow a fleet in a burst of matches, and shrink it after the window when the load has gone', async () => {
    const region = uniqueId('region');
    const { server, as, replicas } = await kubernetes(region, { buffer: 2, min: 1, max: 6 });
    const [one, two] = [await start(as('one')), await start(as('two'))];
    runHosts(region, replicas, () => one);
    await waitFor(() => replicas() === 2, 'the buffer stands');
    const [leader] = await leaderAmong(one, two);
    const told = (what: string) => metric(leader, `provisioner_hosts{region="${region}",what="${what}"}`);
    await waitFor(async () => (await told('living')) === 2, 'both live');

    const find = async () => (await ask(two, 'POST', '/api/match/find', { region })).status;
    let matches = 0;
    // Each lease ends after a second: the load goes as soon as nobody asks any more.
    await waitFor(async () => {
      if ((await find()) === 200) matches += 1;
      return replicas() === 6;
    }, 'as many as there may be');
    expect(matches).toBeGreaterThan(2);
    const grownAt = server.writes.length;
    await waitFor(() => replicas() === 2, 'only the buffer is left');
    const numbers = server.writes.map((each) => each.replicas);
    expect(numbers.slice(0, grownAt)).toEqual(numbers.slice(0, grownAt).toSorted((a, b) => a - b));
    expect(Math.max(...numbers)).toBe(6);
    // One of them did it all.
    expect(new Set(server.writes.map(({ token }) => token)).size).toBe(1);
    expect(
      await metric(leader, `provisioner_changes_total{region="${region}",direction="up"}`),
    ).toBeGreaterThan(0);
    expect(
      await metric(leader, `provisioner_changes_total{region="${region}",direction="down"}`),
    ).toBeGreaterThan(0);
  }, 30_000);

  it('go on with one of them when the other, which led, is killed', async () => {
    const region = uniqueId('region');
    const { server, path, as, replicas } = await kubernetes(region, { buffer: 2, min: 1, max: 6 });
    const services = { one: await start(as('one')), two: await start(as('two')) };
    const [leader, other] = await leaderAmong(services.one, services.two);
    const name = leader === services.one ? 'one' : 'two';
    runHosts(region, replicas, () => other);
    await waitFor(() => replicas() === 2, 'the buffer stands');
    const killedAt = Date.now();
    await leader.stop('SIGKILL');
    await waitFor(() => leads(other), 'the other leads');
    expect(Date.now() - killedAt).toBeLessThan(LEASE_MS + 3 * INTERVAL_MS + 500);
    // Somebody scales it down by hand: the successor sees to it.
    server.set(path, 0);
    await waitFor(() => replicas() === 2, 'the buffer stands again');
    expect(server.writes.at(-1)?.token).not.toBe(name);
  }, 30_000);

  it('lose nothing while Kubernetes is away: matches are made, and hosts are asked for when it is back', async () => {
    const region = uniqueId('region');
    const { server, as, replicas } = await kubernetes(region, { buffer: 1, min: 0, max: 4 });
    let isAway = true;
    server.before = () => (isAway ? new Promise(() => undefined) : undefined);
    const one = await start(as('one'));
    runHosts(
      region,
      () => Math.max(1, replicas()),
      () => one,
    );
    const find = async () => (await ask(one, 'POST', '/api/match/find', { region })).status;
    await waitFor(async () => (await find()) === 200, 'a match');
    const failed = () => metric(one, 'provisioner_errors_total{driver="kubernetes",kind="timeout"}');
    await waitFor(async () => (await failed()) > 1, 'errors are counted');
    const from = performance.now();
    await find();
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(one.log.filter((line) => line.includes('hosts could not be asked for')).length).toBeLessThan(3);
    isAway = false;
    await waitFor(() => replicas() > 0, 'hosts are asked for', 25_000);
    expect(one.log.join('\n')).not.toContain('"level":"error"');
  }, 40_000);

  it('ask for nothing while Redis is away, and do not take an empty one for an empty region', async () => {
    const region = uniqueId('region');
    const { server, path, as, replicas } = await kubernetes(region, { buffer: 1, min: 0, max: 9 });
    server.set(path, 5);
    const one = await start(as('one'));
    await waitFor(() => leads(one), 'it leads');
    await redis.stop();
    await waitFor(async () => !(await leads(one)), 'it leads no more');
    const gets = { count: 0 };
    server.before = () => void (gets.count += 1);
    const [from, writes] = [Date.now(), server.writes.length];
    await waitFor(() => Date.now() - from > 1_500, 'more than the window is over');
    expect(gets.count).toBeLessThan(2);
    // It comes back with nothing in it, and no host heartbeats: what runs is left alone.
    await redis.restart();
    await waitFor(() => leads(one), 'it leads again', 15_000);
    const again = Date.now();
    await waitFor(() => Date.now() - again > 1_000 * WINDOW_SECONDS + 800, 'the window is over');
    expect(gets.count).toBeGreaterThan(3);
    expect(server.writes.length).toBe(writes);
    expect(replicas()).toBe(5);
    expect((await ask(one, 'GET', '/healthz')).status).toBe(200);
  }, 40_000);

  it('leave hosts alone that have more slots than planned: in use, they look idle', async () => {
    const region = uniqueId('region');
    const { server, path, as, replicas } = await kubernetes(region, { buffer: 1, min: 0, max: 9 });
    server.set(path, 4);
    const one = await start(as('one'));
    // Three of their four slots are in use, and by the plan they have one.
    const slots = { capacity: 4, availableSlots: 1 };
    runHosts(region, replicas, () => one, slots);
    const told = (what: string) => metric(one, `provisioner_hosts{region="${region}",what="${what}"}`);
    await waitFor(async () => (await told('living')) === 4, 'all live');
    const from = Date.now();
    await waitFor(() => Date.now() - from > 1_000 * WINDOW_SECONDS + 800, 'the window is over');
    expect(server.writes).toEqual([]);
    // Once, not at every look.
    const why = one.log.filter((line) => line.includes('hosts stay as they are'));
    expect(why.map((line) => (JSON.parse(line) as { reason: string }).reason)).toEqual([
      'hosts-larger-than-planned',
    ]);
  }, 30_000);

  it('ask for no more hosts while slots are held back for leases that Redis has lost', async () => {
    const region = uniqueId('region');
    const { server, path, as, replicas } = await kubernetes(region, { buffer: 3, min: 0, max: 9 });
    server.set(path, 3);
    const one = await start({ ...as('one'), LEASE_TTL_SECONDS: '4' });
    runHosts(region, replicas, () => one);
    const told = (what: string) => metric(one, `provisioner_hosts{region="${region}",what="${what}"}`);
    const find = async () => (await ask(one, 'POST', '/api/match/find', { region })).status;
    await waitFor(async () => (await told('living')) === 3, 'all live');
    await redis.stop();
    await waitFor(async () => (await find()) === 503, 'Redis is away');
    await redis.restart();
    await waitFor(async () => (await find()) === 404, 'it is back', 15_000);
    const reads = { count: 0 };
    server.before = () => void (reads.count += 1);
    await waitFor(async () => (await find()) === 200, 'the slots are free again', 15_000);
    await waitFor(() => reads.count > 0, 'it looks at the region again');
    expect(server.writes.filter((write) => write.replicas > 4)).toEqual([]);
  }, 40_000);
});

it('a provisioner that is off or lacks something asks for nothing, and the matchmaker works', async () => {
  const url = await serve(() => {
    throw new Error('nobody should ask');
  });
  const one = await start(settings({ PROVISIONER: 'webhook', PROVISIONER_WEBHOOK_URL: url }));
  expect(one.log.find((line) => line.includes('stays off'))).toContain('PROVISIONER_REGIONS');
  expect((await ask(one, 'POST', '/api/match/find', {})).status).toBe(404);
  expect(await leads(one)).toBe(false);
});
