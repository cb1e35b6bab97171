import type { Worker } from 'node:cluster';
import { mergeMetrics, type MetricsSnapshot } from '@parley/runtime';
import type { FromPrimary } from './messages.js';

/** A worker that does not answer in time is left out of a scrape. */
const ANSWER_MS = 1_000;

/** Collects what all workers count, for whichever of them was asked. */
export class MetricsMerger {
  readonly #collecting = new Map<
    number,
    { snapshots: MetricsSnapshot[]; missing: number; done: () => void }
  >();
  #lastId = 0;

  constructor(private readonly workers: () => readonly Worker[]) {}

  /** A worker was asked for the metrics of all. */
  async answer(asked: Worker, id: number): Promise<void> {
    const merged = await mergeMetrics(await this.#collect());
    if (asked.isConnected()) asked.send({ parley: 'metrics', id, ...merged } satisfies FromPrimary);
  }

  /** A worker sent its values. */
  add(id: number, snapshot: MetricsSnapshot): void {
    const collected = this.#collecting.get(id);
    collected?.snapshots.push(snapshot);
    if (collected && (collected.missing -= 1) === 0) collected.done();
  }

  async #collect(): Promise<MetricsSnapshot[]> {
    const id = (this.#lastId += 1);
    const workers = this.workers();
    const snapshots: MetricsSnapshot[] = [];
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ANSWER_MS);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#collecting.set(id, { snapshots, missing: workers.length, done });
      for (const worker of workers) worker.send({ parley: 'snapshot-wanted', id } satisfies FromPrimary);
    });
    this.#collecting.delete(id);
    return snapshots;
  }
}
