import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { OURS } from './support/compose-file.js';
import { RULES } from './support/monitoring-files.js';
import { read } from './support/root.js';

// What a process says of its drain is gone with it. So somebody has to ask while it is late, and not a moment after.

const rule = RULES.find(({ alert }) => alert === 'ParleyDrainOverrun')?.expr;
const lateFrom = Number(/> ([\d.]+) \*/.exec(rule ?? '')?.[1]);

const seconds = (text = ''): number => Number(/^(\d+)s$/.exec(text)?.[1]);

/** The default of a variable of docker-compose.yml, or what it says itself. */
const defaultOf = (value: unknown): number => Number(/:-(\d+)\}$/.exec(String(value))?.[1] ?? value);

const settings = read('k8s/base/kustomization.yaml');
const monitor = parse(read('k8s/monitoring/service-monitor.yaml')) as {
  spec: { endpoints: { interval: string }[] };
};
const prometheus = parse(read('deploy/monitoring/prometheus.yml')) as { global: { scrape_interval: string } };

describe('Prometheus asks at least once while a drain is late', () => {
  it('in Kubernetes', () => {
    const drainSeconds = Number(/DRAIN_TIMEOUT_MS=(\d+)/.exec(settings)?.[1]) / 1_000;
    const everySeconds = seconds(monitor.spec.endpoints[0]?.interval);
    expect(everySeconds).toBeLessThanOrEqual(drainSeconds * (1 - lateFrom));
  });

  it.each(OURS)('in docker-compose: %s', (_, { environment }) => {
    const drainSeconds = defaultOf(environment?.['DRAIN_TIMEOUT_MS']) / 1_000;
    expect(seconds(prometheus.global.scrape_interval)).toBeLessThanOrEqual(drainSeconds * (1 - lateFrom));
  });
});
