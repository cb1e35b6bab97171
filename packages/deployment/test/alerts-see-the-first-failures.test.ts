import { startService, uniqueId, useRedis } from '@parley/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RULES } from './support/monitoring-files.js';
import { metricsIn } from './support/promql.js';
import { SERVICES } from './support/services.js';

const redis = useRedis();
const expositions: string[] = [];
const stops: (() => Promise<unknown>)[] = [];

/** What is off by default counts nothing until it is on. */
const provisioner = {
  PROVISIONER: 'webhook',
  PROVISIONER_WEBHOOK_URL: 'http://127.0.0.1:9/hosts',
  PROVISIONER_WEBHOOK_SECRET: uniqueId('secret'),
  PROVISIONER_REGIONS: '{"nowhere":{"buffer":0,"min":0,"max":1}}',
};

beforeAll(async () => {
  for (const name of SERVICES) {
    const env = { ...redis.env, HOST_SECRET: uniqueId('secret'), ...(name === 'matchmaker' && provisioner) };
    const service = await startService(name, env);
    stops.push(() => service.stop());
    expositions.push(await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text());
  }
});
afterAll(() => Promise.all(stops.map((stop) => stop())));

/** What alerts ask for, with what the recording rules that they name ask for. */
const asked = RULES.filter(({ alert }) => alert).flatMap(({ expr }) => {
  const names = new Set(metricsIn(expr));
  return [expr, ...RULES.flatMap((rule) => (rule.record && names.has(rule.record) ? [rule.expr] : []))];
});

/** The series whose growth raises an alert. */
const growing = new Set(
  asked.flatMap((expr) =>
    [...expr.matchAll(/\b(?:rate|increase)\(([\w:]+(?:\{[^}]*\})?)\[/g)].map(([, one]) => one),
  ),
);

it.each([...growing])('%s is there, at 0, before anything has failed', (series = '') => {
  // Prometheus sees no growth in a series that begins at 40, as it does when a Redis that restarts fails 40 at once.
  const [name = '', labels = ''] = series.replace('}', '').split('{');
  const matchers = labels.split(',').filter(Boolean);
  const lines = expositions.flatMap((text) => text.split('\n')).filter((line) => line.startsWith(name));
  const found = lines.filter((line) => matchers.every((matcher) => line.includes(matcher)));
  expect(found.map((line) => line.split(' ').at(-1))).toContain('0');
});

it('finds what alerts ask for', () => {
  expect([...growing]).toContain('cloudgaming_resumes_total{recovered="false"}');
});
