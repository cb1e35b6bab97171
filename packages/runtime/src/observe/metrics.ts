import { AggregatorRegistry, Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const PREFIX = 'cloudgaming_';

/** Seconds; Redis answers on a local network within a millisecond, and times out after a few seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What one service counts, under names with the project's prefix (contract §5). */
export class Metrics {
  readonly registry = new Registry();
  #collecting = false;

  /** Something that only grows. */
  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  /** Something that goes up and down; `read`, if given, is asked at every scrape. */
  gauge(name: string, help: string, read?: () => number): Gauge {
    return new Gauge({
      name: PREFIX + name,
      help,
      registers: [this.registry],
      ...(read && {
        collect() {
          this.set(read());
        },
      }),
    });
  }

  /** Something that goes up and down, for each of a few. */
  gaugeBy<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }

  /** Durations in seconds. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({
      name: PREFIX + name,
      help,
      labelNames,
      buckets: DURATION_BUCKETS,
      registers: [this.registry],
    });
  }

  /** All values right now, for `mergeMetrics`. */
  async snapshot(): Promise<MetricsSnapshot> {
    this.#startCollecting();
    return this.registry.getMetricsAsJSON();
  }

  /** The exposition text. Process metrics start with the first scrape: tests that make many services need none. */
  async text(): Promise<{ contentType: string; body: string }> {
    this.#startCollecting();
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  #startCollecting(): void {
    if (this.#collecting) return;
    this.#collecting = true;
    collectDefaultMetrics({ register: this.registry });
  }
}

/** The values of one process's metrics; plain data that can be sent to another. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** States of one process of which the worst counts for all; every other metric is added up. */
const WORST: Readonly<Record<string, 'min' | 'max'>> = {
  [`${PREFIX}redis_up`]: 'min',
  [`${PREFIX}circuit_breaker_open`]: 'max',
  [`${PREFIX}drain_seconds`]: 'max',
  [`${PREFIX}drain_timeout_seconds`]: 'max',
};

/** The exposition text of several processes together. */
export async function mergeMetrics(
  snapshots: readonly MetricsSnapshot[],
): Promise<{ contentType: string; body: string }> {
  const marked = snapshots.map((metrics) =>
    metrics.map((metric) => (WORST[metric.name] ? { ...metric, aggregator: WORST[metric.name] } : metric)),
  );
  const registry = AggregatorRegistry.aggregate(marked);
  return { contentType: registry.contentType, body: await registry.metrics() };
}
