import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Address, Logger, Service } from '@parley/runtime';
import { ours, type FromPrimary, type FromWorker } from './messages.js';
import { MetricsMerger } from './metrics-merger.js';

/** A worker that dies is replaced after a delay that doubles, until one lives for a while. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
const LIVED_MS = 30_000;

/** How many processes `WORKERS` asks for. */
export function workerCount(setting: string): number {
  return setting === 'auto' ? availableParallelism() : Number(setting);
}

/** Several processes of this service on one port. Each is an instance of its own; this one only looks after them. */
export class Primary implements Service {
  readonly #merger = new MetricsMerger(() => this.#connected());
  readonly #listening = new WeakSet<Worker>();
  readonly #replacements = new Set<NodeJS.Timeout>();
  #delayMs = FIRST_DELAY_MS;
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly count: number,
    private readonly logger: Logger,
  ) {}

  /** Resolves once all of them listen. @throws if one ends before */
  async start(): Promise<Address> {
    const addresses = await Promise.all(Array.from({ length: this.count }, () => this.#fork()));
    const [address] = addresses;
    if (!address) throw new Error('no worker was asked for');
    return address;
  }

  /** Let all of them drain, and wait for their end. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    for (const timer of this.#replacements) clearTimeout(timer);
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(
      workers.map(async (worker) => {
        const ended = once(worker, 'exit');
        // One that does not listen yet has nobody to say goodbye to, and may not hear us.
        if (!this.#listening.has(worker)) worker.process.kill('SIGKILL');
        else if (worker.isConnected()) worker.send({ parley: 'stop' } satisfies FromPrimary);
        await ended;
      }),
    );
  }

  #fork(): Promise<Address> {
    const worker = cluster.fork();
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      // Telling one that has just died fails, and its exit says the rest.
      worker.on('error', (error) => this.logger.warn({ err: error }, 'a worker could not be told'));
      worker.on('message', (received: unknown) => {
        const message = ours(received) as FromWorker | undefined;
        if (!message) return;
        if (message.parley === 'metrics-wanted') void this.#merger.answer(worker, message.id);
        else if (message.parley === 'snapshot') this.#merger.add(message.id, message.snapshot);
        else {
          this.#listening.add(worker);
          resolve(message.address);
        }
      });
      worker.once('exit', (code, signal) => {
        if (!this.#listening.has(worker))
          reject(new Error(`a worker ended with ${signal ?? code} before it listened`));
        else if (!this.#stopping) this.#replace(worker, performance.now() - startedAt);
      });
    });
  }

  #replace(worker: Worker, livedMs: number): void {
    if (livedMs >= LIVED_MS) this.#delayMs = FIRST_DELAY_MS;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(MAX_DELAY_MS, delayMs * 2);
    this.logger.error(
      { workerPid: worker.process.pid, livedMs, delayMs },
      'a worker died and will be replaced',
    );
    const timer = setTimeout(() => {
      this.#replacements.delete(timer);
      this.#fork().catch(() => this.#stopping ?? this.#replace(worker, 0));
    }, delayMs);
    this.#replacements.add(timer);
  }

  #connected(): Worker[] {
    return Object.values(cluster.workers ?? {}).filter(
      (worker) => worker?.isConnected() === true,
    ) as Worker[];
  }
}
