import { startRedis, type RunningRedis } from '@parley/embedded-redis';
import { startService, type RunningService, type ServiceName } from '../../src/service-process.js';
import { waitFor } from '../../src/wait-for.js';
import { Secrets } from './secrets.js';

/** The services of a deployment that uses every setting that is a secret. */
export class Deployment {
  readonly secrets = new Secrets();
  /** What those said that did not start. */
  readonly lines: string[] = [];
  readonly #services: RunningService[] = [];
  readonly #stops: (() => unknown)[] = [];
  redis: RunningRedis | undefined;
  readonly hostSecret = this.secrets.make('HOST_SECRET');
  readonly previousSecret = this.secrets.make('HOST_SECRET_PREVIOUS');
  readonly adminToken = this.secrets.make('ADMIN_TOKEN');
  readonly jwtSecret = this.secrets.make('JWT_SECRET');
  readonly redisPassword = this.secrets.make('password of Redis');
  readonly #env: Record<string, string> = {
    ROOM_TOKEN_SECRET: this.secrets.make('ROOM_TOKEN_SECRET'),
    METERED_API_KEY: this.secrets.make('METERED_API_KEY'),
    TURN_URLS: 'turn:127.0.0.1:3478',
    TURN_SECRET: this.secrets.make('TURN_SECRET'),
    TURN_STATIC_URLS: 'turn:127.0.0.1:3479',
    TURN_STATIC_USERNAME: 'everybody',
    TURN_STATIC_CREDENTIAL: this.secrets.make('TURN_STATIC_CREDENTIAL'),
    HOST_SECRET: this.hostSecret,
    HOST_SECRET_PREVIOUS: this.previousSecret,
    ADMIN_TOKEN: this.adminToken,
    ENABLE_AUTH: 'true',
    JWT_SECRET: this.jwtSecret,
    SIGNALING_PUBLIC_URL: 'ws://127.0.0.1:1',
    STUN_URLS: ',',
    CB_ERROR_THRESHOLD: '2',
    CB_OPEN_MS: '500',
    REDIS_COMMAND_TIMEOUT_MS: '500',
    DRAIN_TIMEOUT_MS: '3000',
    // Nobody is there.
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${this.secrets.make('key of the collector')}`,
  };

  constructor(private readonly level: string) {}

  async startRedis(port?: number): Promise<void> {
    const args = ['--requirepass', this.redisPassword];
    this.redis = await startRedis({ ignoreUrl: true, args, ...(port !== undefined && { port }) });
    this.#stops.push(() => this.redis?.stop());
  }

  get redisPort(): number {
    return Number(new URL(this.redis?.url ?? '').port);
  }

  async start(name: ServiceName, env: Record<string, string> = {}): Promise<RunningService> {
    const service = await startService(name, {
      ...this.#env,
      LOG_LEVEL: this.level,
      REDIS_URL: `redis://:${this.redisPassword}@127.0.0.1:${this.redisPort}`,
      ...env,
    });
    this.#services.push(service);
    this.#stops.push(() => service.stop('SIGKILL'));
    const ready = async () => (await fetch(`http://127.0.0.1:${service.port}/readyz`)).ok;
    if (!('REDIS_URL' in env)) await waitFor(ready, `${name} is ready`);
    return service;
  }

  /** One that must not start. */
  async expectRefused(name: ServiceName, env: Record<string, string>): Promise<void> {
    const refused = this.start(name, env).then(
      () => undefined,
      (error: Error) => error.message,
    );
    this.lines.push(...((await refused) ?? 'it started').split('\n'));
  }

  /** Stop all as operators do. @returns every line that each of them printed */
  async stop(): Promise<readonly (readonly string[])[]> {
    for (const service of this.#services) await service.stop();
    return this.#services.map(({ log }) => log);
  }

  /** End whatever still runs. */
  async end(): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }
}
