import { gatewaySettings, loadConfig, matchmakerSettings, type MatchmakerConfig } from '@parley/config';
import { PoolStore, RedisConnection, type HostNews, type HostReport } from '@parley/redis-scripts';
import { createLogger, Metrics, type Service, type ServiceDeps } from '@parley/runtime';
import { importService, waitFor, type TestStore } from '@parley/testkit';
import { afterAll, beforeAll } from 'vitest';
import { createGateway } from '../src/gateway.js';
import { asker, askInTurn, type Answer, type Ask } from './ask.js';

export type { Answer, Ask } from './ask.js';
export { hostReport } from './hosts.js';

export type Env = Readonly<Record<string, string>>;

/** A service of this process. */
interface Running {
  readonly ask: Ask;
  readonly port: number;
  readonly service: Service;
}

export type Gateway = Running;

/** What hosts say to matchmakers, and clients that look for a host. */
export interface Matchmaking {
  heartbeat(report: HostReport): Promise<HostNews>;
  goodbye(hostId: string): Promise<Answer>;
  find(body: object): Promise<Answer>;
  /** A host as operators see it; undefined when it is not there. */
  host(hostId: string): Promise<Record<string, unknown> | undefined>;
}

export type Matchmaker = Running & Matchmaking;

/** Two gateways and two matchmakers on one Redis. What asks either of a kind asks the other one the next time. */
export interface Parley extends Matchmaking {
  /** How a service finds that Redis, and the settings of all four. */
  readonly env: Env;
  readonly gateways: readonly [Gateway, Gateway];
  readonly matchmakers: readonly [Matchmaker, Matchmaker];
  readonly ask: Ask;
}

const HOST_SECRET = 'a-secret-of-the-tests';
/** What a busy machine may take to connect to three nodes of a Cluster. */
const READY_MS = 30_000;
const AS_HOST = { Authorization: `Bearer ${HOST_SECRET}` };
const logger = createLogger('test', { LOG_LEVEL: 'silent', PRETTY_LOGS: false });

/** What speaks to matchmakers as hosts and clients do. */
export function matchmaking(ask: Ask): Matchmaking {
  return {
    async heartbeat(report) {
      const { status, body } = await ask('POST', '/api/host/heartbeat', report, AS_HOST);
      if (status !== 200) throw new Error(`heartbeat: ${status} ${JSON.stringify(body)}`);
      return { assignments: [], released: [], ...(body as Partial<HostNews>) };
    },
    goodbye: (hostId) => ask('DELETE', `/api/host/${hostId}`, undefined, AS_HOST),
    find: (body) => ask('POST', '/api/match/find', body),
    async host(hostId) {
      const { body } = await ask('GET', '/api/hosts');
      return (body as unknown as Record<string, unknown>[]).find((each) => each['hostId'] === hostId);
    },
  };
}

/** What a service listens on and proves itself with in tests, in this process or in one of its own. */
export const serviceEnv = (env: Env): Env => ({ PORT: '0', BIND_ADDRESS: '127.0.0.1', HOST_SECRET, ...env });

/** Services in this process, each with its own connection to Redis; stopped after the file's last test. */
export function useGateways() {
  const stops: (() => Promise<void> | void)[] = [];
  afterAll(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  async function start(service: Service): Promise<Running> {
    stops.push(() => service.stop());
    const { port } = await service.start();
    const ask = asker(port);
    // A service starts without Redis where a busy machine takes too long to connect.
    await waitFor(async () => (await ask('GET', '/readyz')).status === 200, 'the service is ready', READY_MS);
    return { ask, service, port };
  }

  async function gateway(env: Env): Promise<Gateway> {
    const config = loadConfig(gatewaySettings, serviceEnv(env));
    return start(createGateway({ config, logger, metrics: new Metrics() }));
  }

  async function matchmaker(env: Env): Promise<Matchmaker> {
    const config = loadConfig(matchmakerSettings, serviceEnv(env));
    const { createMatchmaker } = (await importService('matchmaker')) as {
      createMatchmaker: (deps: ServiceDeps<MatchmakerConfig>) => Service;
    };
    const running = await start(createMatchmaker({ config, logger, metrics: new Metrics() }));
    return { ...running, ...matchmaking(running.ask) };
  }

  /** The pool itself, for what no service does. */
  async function pool(env: Env): Promise<PoolStore> {
    const config = loadConfig(gatewaySettings, env);
    const connection = new RedisConnection(config);
    stops.push(() => connection.close());
    await connection.connect();
    return new PoolStore(connection, config);
  }

  /** All four of them. */
  async function parley(env: Env): Promise<Parley> {
    const [one, two, three, four] = await Promise.all([
      gateway(env),
      gateway(env),
      matchmaker(env),
      matchmaker(env),
    ]);
    return {
      env,
      gateways: [one, two],
      matchmakers: [three, four],
      ask: askInTurn([one.ask, two.ask]),
      ...matchmaking(askInTurn([three.ask, four.ask])),
    };
  }

  return { gateway, pool, matchmaker, parley };
}

/**
 * Two gateways and two matchmakers for this test file. Call it at the top level of the file.
 * @param settings of all four, beside where Redis is
 */
export function useParley(store: TestStore, settings: Env = {}) {
  const services = useGateways();
  let running: Parley | undefined;
  beforeAll(async () => {
    running = await services.parley({ ...store.env, ...settings });
  });
  const started = () => {
    if (running === undefined) throw new Error("the file's beforeAll has not run yet");
    return running;
  };
  return {
    ...services,
    get env() {
      return started().env;
    },
    get gateways() {
      return started().gateways;
    },
    get matchmakers() {
      return started().matchmakers;
    },
    ask: ((...call) => started().ask(...call)) as Ask,
    heartbeat: (report: HostReport) => started().heartbeat(report),
    goodbye: (hostId: string) => started().goodbye(hostId),
    find: (body: object) => started().find(body),
    host: (hostId: string) => started().host(hostId),
  };
}
