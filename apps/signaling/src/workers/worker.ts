import type { Metrics, Service } from '@parley/runtime';
import { ours, type FromPrimary, type FromWorker } from './messages.js';

/** Longest time to wait for the metrics of the others; then a worker's own have to do. */
const METRICS_MS = 1_500;

type Text = Awaited<ReturnType<Metrics['text']>>;

const tell = (message: FromWorker) => process.send?.(message);

/** Metrics of all workers together, whichever of them is asked. */
export class WorkerMetrics {
  readonly #asked = new Map<number, (text: Text) => void>();
  #lastId = 0;

  constructor(private readonly own: Metrics) {
    process.on('message', (received: unknown) => {
      const message = ours(received) as FromPrimary | undefined;
      if (message?.parley === 'metrics') this.#asked.get(message.id)?.(message);
      if (message?.parley === 'snapshot-wanted') void this.#sendSnapshot(message.id);
    });
  }

  async text(): Promise<Text> {
    const id = (this.#lastId += 1);
    const merged = await new Promise<Text | undefined>((resolve) => {
      const timer = setTimeout(resolve, METRICS_MS, undefined);
      this.#asked.set(id, (text) => {
        clearTimeout(timer);
        resolve(text);
      });
      tell({ parley: 'metrics-wanted', id });
    });
    this.#asked.delete(id);
    return merged ?? this.own.text();
  }

  async #sendSnapshot(id: number): Promise<void> {
    tell({ parley: 'snapshot', id, snapshot: await this.own.snapshot() });
  }
}

/** A service that says when it listens, and stops when the primary process asks for it. */
export function asWorker(service: Service): Service {
  process.on('message', (received: unknown) => {
    if (ours(received)?.parley !== 'stop') return;
    // Once disconnected, node ends a worker by itself.
    void service.stop().finally(() => process.disconnect());
  });
  return {
    async start() {
      const address = await service.start();
      tell({ parley: 'listening', address });
      return address;
    },
    stop: () => service.stop(),
  };
}
