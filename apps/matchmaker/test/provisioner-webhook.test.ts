import { uniqueId, waitFor, type RunningService } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { serve } from './support-platform.js';
import {
  INTERVAL_MS,
  leaderAmong,
  leads,
  metric,
  runHosts,
  useMatchmakers,
  WINDOW_SECONDS,
} from './support-provisioner.js';

const { redis, started, settings, start } = useMatchmakers();

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
