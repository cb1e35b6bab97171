import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, uniqueId, useRedis, waitFor, type RunningService } from '@parley/testkit';
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { FakeKubernetes } from './support-kubernetes.js';
import { serve } from './support-platform.js';
import { HOST_SECRET } from './support.js';

const redis = useRedis();
const INTERVAL_MS = 100;
const TIMEOUT_MS = 400;
const LEASE_MS = 2 * (INTERVAL_MS + TIMEOUT_MS);
const WINDOW_SECONDS = 1;

const folder = mkdtempSync(join(tmpdir(), 'parley-tokens-'));
afterAll(() => rmSync(folder, { recursive: true }));

const started: RunningService[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop('SIGKILL')));
});

/** What all matchmakers of one test have in common. */
function settings(env: Record<string, string>): Record<string, string> {
  return {
    ...redis.env,
    REDIS_KEY_PREFIX: `${uniqueId('provision')}:`,
    HOST_SECRET,
    HOST_TTL_SECONDS: '2',
    LEASE_TTL_SECONDS: '1',
    REAP_INTERVAL_MS: '300',
    CB_OPEN_MS: '200',
    PROVISIONER_INTERVAL_MS: String(INTERVAL_MS),
    PROVISIONER_TIMEOUT_MS: String(TIMEOUT_MS),
    PROVISIONER_SCALE_DOWN_AFTER_SECONDS: String(WINDOW_SECONDS),
    PROVISIONER_COOLDOWN_SECONDS: '0',
    ...env,
  };
}

async function start(env: Record<string, string>): Promise<RunningService> {
  const service = await startService('matchmaker', env);
  started.push(service);
  return service;
}

const ask = (service: RunningService, method: string, path: string, body?: object) =>
  fetch(`http://127.0.0.1:${service.port}${path}`, {
    method,
    headers: { Authorization: `Bearer ${HOST_SECRET}` },
    ...(body && { body: JSON.stringify(body) }),
  });

async function metric(service: RunningService, series: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`cloudgaming_${series} `));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

const leads = async (service: RunningService) => (await metric(service, 'provisioner_leads')) === 1;

async function leaderAmong(one: RunningService, two: RunningService) {
  await waitFor(async () => (await leads(one)) !== (await leads(two)), 'one of them leads');
  return (await leads(one)) ? ([one, two] as const) : ([two, one] as const);
}

/** A platform that runs as many hosts as it is told: they heartbeat, and say goodbye when they go. */
function runHosts(
  region: string,
  wanted: () => number,
  at: () => RunningService | undefined,
  slots: object = {},
) {
  const hosts: string[] = [];
  const stopping = new AbortController();
  async function once(service: RunningService): Promise<void> {
    while (hosts.length < wanted()) hosts.push(uniqueId('host'));
    for (const hostId of hosts.splice(wanted())) await ask(service, 'DELETE', `/api/host/${hostId}`);
    const beat = (hostId: string) => ({ hostId, roomId: hostId, region, status: 'idle', ...slots });
    await Promise.all(hosts.map((hostId) => ask(service, 'POST', '/api/host/heartbeat', beat(hostId))));
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const service = at();
      if (service) await once(service).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  onTestFinished(async () => {
    stopping.abort();
    await running;
  });
}

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

interface Message {
  readonly region: string;
  readonly desired: number;
  readonly term: number;
  readonly number: number;
  readonly id: string;
}

describe('two matchmakers with a webhook', () => {
  async function webhook(plan: object, env: Record<string, string> = {}) {
    const region = uniqueId('region');
    const got: Message[] = [];
    const replies: number[] = [];
    const url = await serve(({ body }) => {
      got.push(JSON.parse(body) as Message);
      return { status: replies.shift() ?? 202 };
    });
    const all = settings({
      PROVISIONER: 'webhook',
      PROVISIONER_WEBHOOK_URL: url,
      PROVISIONER_REGIONS: JSON.stringify({ [region]: plan }),
      ...env,
    });
    return { region, got, replies, env: all };
  }

  it('never speak in one term, whoever is killed; each term and each number is higher than those before', async () => {
    const { region, got, env } = await webhook({ buffer: 2, min: 1, max: 8 });
    let services = [await start(env), await start(env)] as [RunningService, RunningService];
    runHosts(
      region,
      () => got.at(-1)?.desired ?? 1,
      () => services.find(({ process }) => process.exitCode === null && process.signalCode === null),
    );
    let lastTerm = 0;
    for (let kills = 0; kills < 3; kills++) {
      await waitFor(() => (got.at(-1)?.term ?? 0) > lastTerm, 'it tells how many');
      const [leader, other] = await leaderAmong(...services);
      lastTerm = got.at(-1)?.term ?? 0;
      await leader.stop('SIGKILL');
      await waitFor(() => leads(other), 'the other leads');
      services = [other, await start(env)];
    }
    await waitFor(() => (got.at(-1)?.term ?? 0) > lastTerm, 'the last one tells how many');
    expect(new Set(got.map(({ term }) => term)).size).toBe(4);
    const order = got.map(({ term, number }) => [term, number] as const);
    for (const [at, [term, number]] of order.entries()) {
      const [termBefore, numberBefore] = order[at - 1] ?? [0, 0];
      expect(term > termBefore || (term === termBefore && number > numberBefore)).toBe(true);
    }
  }, 40_000);

  it('do not hear from one that slept while the other led, when it wakes', async () => {
    const { region, got, env } = await webhook({ buffer: 2, min: 1, max: 8 });
    const [leader, other] = await leaderAmong(await start(env), await start(env));
    // Another number of hosts lives than is asked for: whoever leads repeats it at every look.
    runHosts(
      region,
      () => 1,
      () => other,
    );
    await waitFor(() => got.length > 3, 'it tells how many, again and again');
    leader.process.kill('SIGSTOP');
    const before = got.at(-1)?.term ?? 0;
    await waitFor(() => (got.at(-1)?.term ?? 0) > before, 'the other tells how many');
    leader.process.kill('SIGCONT');
    await waitFor(async () => !(await leads(leader)), 'the first one follows');
    const woken = got.length;
    await waitFor(() => got.length > woken + 3, 'the other goes on');
    const terms = got.map(({ term }) => term);
    expect(terms).toEqual(terms.toSorted((a, b) => a - b));
    expect(new Set(terms).size).toBe(2);
  }, 30_000);

  it('send an order again under its id until it is taken', async () => {
    const { got, replies, env } = await webhook({ buffer: 3, min: 0, max: 8 });
    replies.push(503, 500);
    const one = await start(env);
    await waitFor(() => got.length >= 3, 'it was told three times', 15_000);
    expect(new Set(got.slice(0, 3).map(({ id }) => id)).size).toBe(1);
    expect(got[0]).toMatchObject({ desired: 3 });
    expect(await metric(one, 'provisioner_errors_total{driver="webhook",kind="unavailable"}')).toBe(2);
  }, 30_000);

  it('tell it no less after Redis has lost what it was told, though no host is heard of', async () => {
    const { region, got, env } = await webhook({ buffer: 1, min: 0, max: 8 });
    const services = [await start(env), await start(env)] as const;
    const [leader, other] = await leaderAmong(...services);
    const network = { isCut: false };
    runHosts(
      region,
      () => got.at(-1)?.desired ?? 4,
      () => (network.isCut ? undefined : other),
      { status: 'busy' },
    );
    const told = (by: RunningService, what: string) =>
      metric(by, `provisioner_hosts{region="${region}",what="${what}"}`);
    await waitFor(async () => (await told(leader, 'living')) === 8, 'as many as there may be', 20_000);
    // Those that follow look as often as the one that leads.
    const full = Date.now();
    await waitFor(() => Date.now() - full > 5 * INTERVAL_MS, 'the other knows of it');
    network.isCut = true;
    // Who led is gone as well: the other has to know.
    await Promise.all([redis.stop(), leader.stop('SIGKILL')]);
    await redis.restart();
    const before = got.at(-1)?.term ?? 0;
    await waitFor(() => (got.at(-1)?.term ?? 0) > before, 'the other tells how many', 20_000);
    expect(got.at(-1)?.desired).toBe(8);
    await waitFor(async () => (await told(other, 'living')) === 0, 'no host is heard of');
    const from = Date.now();
    await waitFor(() => Date.now() - from > 1_000 * WINDOW_SECONDS + 800, 'the window is over');
    expect(got.at(-1)?.desired).toBe(8);
  }, 60_000);

  it('know what the one before told it, and repeat that once', async () => {
    const { region, got, env } = await webhook(
      { buffer: 1, min: 4, max: 8 },
      { PROVISIONER_COOLDOWN_SECONDS: '3600' },
    );
    const one = await start(env);
    runHosts(
      region,
      () => 1,
      () => started.at(-1),
    );
    await waitFor(() => got.length === 1, 'it is told of the least');
    expect(await one.stop('SIGTERM')).toBe(0);
    const two = await start(env);
    await waitFor(() => got.length === 2, 'it is told again');
    expect(got.map(({ desired }) => desired)).toEqual([4, 4]);
    const told = (what: string) => metric(two, `provisioner_hosts{region="${region}",what="${what}"}`);
    expect(await told('current')).toBe(4);
    expect(await told('living')).toBeLessThan(2);
  }, 30_000);
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
