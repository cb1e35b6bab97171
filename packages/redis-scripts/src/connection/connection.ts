import type { Cluster, Redis } from 'ioredis';
import type { RedisConfig } from '@parley/config';
import type { Script, ScriptInput } from '../script/define.js';
import { evaluate } from '../script/evaluate.js';
import { Circuit } from './circuit.js';
import { createClient } from './client.js';
import { RedisUnavailableError, UnsafeRedisError, asUnavailable } from './errors.js';
import { createKeys, type Keys } from './../keys.js';
import { assertSafe } from './safety.js';
import { lookAt, type RedisSight } from './sight.js';
import { WriteBatch } from './write-batch.js';

/** Longest time `connect` waits for a first answer; a service then starts without Redis, not ready. */
const FIRST_ANSWER_MS = 3_000;

/** What a connection tells its owner; all optional. */
export interface ConnectionEvents {
  /** Redis became usable (reachable and safe) or stopped being so. */
  readonly onUp?: (up: boolean) => void;
  readonly onCircuit?: (open: boolean) => void;
  /** One finished command: its script's name, its duration in seconds, whether it was answered. */
  readonly onCommand?: (name: string, seconds: number, answered: boolean) => void;
  /** A reason why Redis is not usable, for the log. */
  readonly onProblem?: (error: Error) => void;
}

/** What a client writes to now: one stream, or one for each node of a Cluster. */
function streamsOf(client: Redis | Cluster) {
  const nodes = 'nodes' in client ? client.nodes() : [client];
  return nodes.flatMap(({ stream }) => stream ?? []);
}

/** A connection to Redis behind a circuit breaker. Construction does no I/O. */
export class RedisConnection {
  readonly keys: Keys;
  readonly #client: Redis | Cluster;
  readonly #circuit: Circuit;
  readonly #writes: WriteBatch;
  #up = false;
  #closed = false;

  constructor(
    private readonly config: RedisConfig,
    private readonly events: ConnectionEvents = {},
  ) {
    this.keys = createKeys(config.REDIS_KEY_PREFIX);
    this.#client = createClient(config);
    const client = this.#client;
    this.#writes = new WriteBatch(() => streamsOf(client));
    this.#circuit = new Circuit({
      errorThreshold: config.CB_ERROR_THRESHOLD,
      openMs: config.CB_OPEN_MS,
      ...(events.onCircuit && { onChange: events.onCircuit }),
    });
  }

  /** Whether Redis answered last time it was asked, and is safe to use. */
  get isUp(): boolean {
    return this.#up;
  }

  /** Whether calls are refused without asking Redis. */
  get isCircuitOpen(): boolean {
    return this.#circuit.isOpen;
  }

  get isCluster(): boolean {
    return this.#client.isCluster;
  }

  /**
   * Connect, and keep connected until `close`. Resolves once Redis is usable, or after 3 s without it: a service
   * that starts during an outage must stay alive and become ready by itself.
   * @throws UnsafeRedisError if the Redis that answers must not be used
   */
  async connect(): Promise<void> {
    let unsafe: UnsafeRedisError | undefined;
    let settle: () => void = () => {};
    const settled = new Promise<void>((resolve) => (settle = resolve));
    this.#client.on('error', (error: Error) => this.#problem(error));
    this.#client.on('close', () => this.#setUp(false));
    // At every reconnect: after a failover it is another Redis that answers.
    this.#client.on('ready', () => {
      void this.#verify().then((reason) => {
        unsafe = reason;
        settle();
      });
    });
    const giveUp = setTimeout(settle, FIRST_ANSWER_MS);
    // A failed first attempt is retried by the client itself.
    this.#client.connect().catch((error: unknown) => this.#problem(error as Error));
    await settled;
    clearTimeout(giveUp);
    if (unsafe) throw unsafe;
  }

  /**
   * Run a script.
   * @throws RedisUnavailableError when Redis cannot be asked right now; any other error is a defect of the script
   */
  async run<Key extends string, Arg extends string>(
    script: Script<Key, Arg>,
    input: ScriptInput<Key, Arg>,
  ): Promise<unknown> {
    return this.command(script.name, (client) => evaluate(client, script, [input.keys], input));
  }

  /**
   * Run a script whose keys may be given several times, on all of those at once.
   * @throws RedisUnavailableError as `run` does
   */
  async runOnEach<Key extends string, Arg extends string>(
    script: Script<Key, Arg>,
    keySets: readonly Readonly<Record<Key, string>>[],
    input: Omit<ScriptInput<Key, Arg>, 'keys'>,
  ): Promise<unknown> {
    return this.command(script.name, (client) => evaluate(client, script, keySets, input));
  }

  /**
   * Run one command, or a few, behind the circuit breaker.
   * @param name for the metrics
   * @throws RedisUnavailableError when Redis cannot be asked right now
   */
  async command<T>(name: string, send: (client: Redis | Cluster) => Promise<T>): Promise<T> {
    this.#circuit.enter();
    this.#writes.untilEndOfTurn();
    const startedAt = performance.now();
    try {
      const result = await send(this.#client);
      this.#circuit.succeeded();
      this.events.onCommand?.(name, (performance.now() - startedAt) / 1_000, true);
      return result;
    } catch (error) {
      const unavailable = asUnavailable(error);
      if (unavailable) this.#circuit.failed();
      else this.#circuit.succeeded();
      this.events.onCommand?.(name, (performance.now() - startedAt) / 1_000, !unavailable);
      throw unavailable ?? error;
    }
  }

  /** Let what is sent while `run` runs leave together, in one write. */
  together(run: () => void): void {
    this.#writes.during(run);
  }

  /** Whether Redis answers now, within the command timeout. Asks even while the circuit is open, and closes it. */
  async ping(): Promise<boolean> {
    try {
      await this.#client.ping();
      this.#circuit.succeeded();
      // The check at connect may have met a Redis that was just going away; nothing else would repeat it.
      if (!this.#up && !this.#closed) await this.#verify();
      return this.#up;
    } catch {
      return false;
    }
  }

  /**
   * What an operator wants to know of Redis right now. Asks it even while the circuit is open, and leaves the circuit as it
   * is. Takes `timeoutMs` at most; never throws.
   */
  async look(timeoutMs: number): Promise<RedisSight> {
    const { REDIS_SENTINELS } = this.config;
    const mode = this.isCluster ? 'cluster' : REDIS_SENTINELS.length > 0 ? 'sentinel' : 'standalone';
    const seen = await lookAt(this.#client, timeoutMs);
    return { mode, ...seen, circuit: this.isCircuitOpen ? 'open' : 'closed' };
  }

  /** A second client to the same Redis, for subscriptions; whoever asks closes it. It does not connect yet. */
  createSubscriber(): Redis | Cluster {
    return createClient(this.config);
  }

  /** Disconnect. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#up = false;
    this.#client.disconnect();
  }

  async #verify(): Promise<UnsafeRedisError | undefined> {
    try {
      await assertSafe(this.#client);
      this.#circuit.succeeded();
      this.#setUp(true);
      return undefined;
    } catch (error) {
      this.#setUp(false);
      this.#problem(error as Error);
      return error instanceof UnsafeRedisError ? error : undefined;
    }
  }

  #setUp(up: boolean): void {
    if (this.#up === up || this.#closed) return;
    this.#up = up;
    this.events.onUp?.(up);
  }

  #problem(error: Error): void {
    if (!this.#closed) this.events.onProblem?.(error);
  }
}

export { RedisUnavailableError, UnsafeRedisError };
