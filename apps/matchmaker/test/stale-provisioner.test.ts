import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, matchmakerSettings, type RegionPlan } from '@parley/config';
import { Circuit, ProvisionStore, RedisConnection } from '@parley/redis-scripts';
import { createLogger, Metrics } from '@parley/runtime';
import { uniqueId, useRedis, waitFor } from '@parley/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { createKubernetes } from '../src/provision/kubernetes.js';
import { ProvisionMetrics } from '../src/provision/metrics.js';
import { RegionWatch } from '../src/provision/region-watch.js';
import { createAsk } from '../src/provision/request.js';
import { FakeKubernetes } from './support-kubernetes.js';

// A leader that sleeps at a bad moment, and wakes when another has led for long: where exactly is in the hands of the test.

const redis = useRedis();
const PATH = '/apis/apps/v1/namespaces/games/deployments/eu/scale';
const LEAD_MS = 300;
const { signal } = new AbortController();

/** Something that can be waited for until somebody lets it happen. */
function gate() {
  let open = () => undefined as void;
  let reached = false;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const pass = () => {
    reached = true;
    return opened;
  };
  return { pass, open: () => open(), isReached: () => reached };
}

async function setUp() {
  const server = await new FakeKubernetes().start();
  server.set(PATH, 1);
  const prefix = uniqueId('stale');
  const region = uniqueId('region');
  /** One of those that would lead, with a token by which the server knows it, and another opinion of how many to keep: the first one's is higher. */
  const one = async (token: string, buffer: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-stale-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, token);
    server.tokens.add(token);
    const config = loadConfig(matchmakerSettings, {
      ...redis.env,
      REDIS_KEY_PREFIX: prefix,
      PROVISIONER_KUBERNETES_URL: server.url,
      PROVISIONER_KUBERNETES_TOKEN_FILE: tokenFile,
      PROVISIONER_TIMEOUT_MS: '20000',
    });
    const connection = new RedisConnection(config);
    await connection.connect();
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
      return connection.close();
    });
    const store = new ProvisionStore(connection, LEAD_MS);
    const target = { kind: 'deployments', namespace: 'games', name: 'eu' } as const;
    const plan: RegionPlan = { target, slotsPerHost: 1, buffer, min: 0, max: 9 };
    const watch = new RegionWatch(
      region,
      plan,
      { ...plan, scaleDownAfterMs: 0, cooldownMs: 0 },
      {
        store,
        driver: createKubernetes(config, createAsk(new Circuit({ errorThreshold: 9, openMs: 1_000 }))),
        metrics: new ProvisionMetrics(new Metrics()),
        logger: createLogger('test', { LOG_LEVEL: 'silent', PRETTY_LOGS: false }),
        remindMs: 1_000,
      },
    );
    return { store, watch };
  };
  return { server, first: await one('first', 5), second: await one('second', 3) };
}

it.each([
  ['sent its write, which is under way', 'PUT'],
  ['asked how many hosts there are', 'GET'],
])('a leader that sleeps after it %s overwrites nothing of its successor', async (_, method) => {
  const { server, first, second } = await setUp();
  const asleep = gate();
  const puts: string[] = [];
  server.before = (got, token) => {
    if (got.method === 'PUT') puts.push(token);
    return token === 'first' && got.method === method ? asleep.pass() : undefined;
  };
  first.watch.look((await first.store.lead()) ?? '', signal);
  await waitFor(() => asleep.isReached(), 'the first one sleeps');
  const term = await waitFor(() => second.store.lead(), 'the second one leads');
  second.watch.look(term, signal);
  await second.watch.idle();
  expect(server.writes).toEqual([{ token: 'second', path: PATH, replicas: 3 }]);
  asleep.open();
  await first.watch.idle();
  // Its one write, if there was any, is refused, and it does not try another.
  expect(puts.filter((token) => token === 'first')).toHaveLength(method === 'PUT' ? 1 : 0);
  expect(server.writes).toHaveLength(1);
  expect(server.replicas(PATH)).toBe(3);
});

it('a leader whose write met that of a person does it again, since it still leads', async () => {
  const { server, first } = await setUp();
  let met = false;
  server.before = ({ method }) => {
    if (method === 'PUT' && !met) {
      met = true;
      server.set(PATH, 2);
    }
  };
  first.watch.look((await first.store.lead()) ?? '', signal);
  await first.watch.idle();
  expect(server.writes).toEqual([{ token: 'first', path: PATH, replicas: 5 }]);
});
