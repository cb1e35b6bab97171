import { startService, uniqueId, useRedis } from '@parley/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { askedBy, DASHBOARDS, RULES } from './support/monitoring-files.js';
import { metricsIn } from './support/promql.js';
import { read } from './support/root.js';

const redis = useRedis();
const known = new Set(['up', 'ALERTS']);

/** Our own are those of docs/metrics.md, which is held to the services; those of the process, what a service answers. */
beforeAll(async () => {
  for (const [, name = '', type] of read('docs/metrics.md').matchAll(/^\| `(\w+)` +\| (\w+)/gm)) {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) known.add(name + suffix);
  }
  const service = await startService('matchmaker', { ...redis.env, HOST_SECRET: uniqueId('secret') });
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  for (const [, name = ''] of text.matchAll(/^((?:process|nodejs)_\w+)/gm)) known.add(name);
  await service.stop();
  for (const { record } of RULES) if (record) known.add(record);
});

const unknownIn = (expression: string) => metricsIn(expression).filter((name) => !known.has(name));

describe('what monitoring asks for', () => {
  it.each(RULES.map(({ alert, record, expr }) => ({ rule: alert ?? record, expr })))(
    '$rule: metrics that there are',
    ({ expr }) => {
      expect(metricsIn(expr).length).toBeGreaterThan(0);
      expect(unknownIn(expr)).toEqual([]);
    },
  );

  it.each(DASHBOARDS)('dashboard $name: metrics that there are', ({ panels }) => {
    expect(panels.length).toBeGreaterThan(4);
    for (const panel of panels)
      expect([panel.title, askedBy(panel).flatMap(unknownIn)]).toEqual([panel.title, []]);
  });

  it('would be found if it were not there', () => {
    expect(unknownIn('sum by (job) (rate(cloudgaming_made_up_total{reason="up"}[5m])) > 1 and up')).toEqual([
      'cloudgaming_made_up_total',
    ]);
  });
});

describe('the dashboards', () => {
  it('are one for each service, and one for the whole', () => {
    expect(DASHBOARDS.map(({ name }) => name)).toEqual(['gateway', 'matchmaker', 'overview', 'signaling']);
  });

  it('say what each panel means, and have names of their own', () => {
    for (const { panels } of DASHBOARDS) {
      expect(panels.filter(({ description }) => !description)).toEqual([]);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    }
    expect(new Set(DASHBOARDS.map(({ uid }) => uid)).size).toBe(DASHBOARDS.length);
  });

  it('show what happens in a second as such', () => {
    const isRate = (expr: string) =>
      /\brate\(|:rate5m/.test(expr) && !/histogram_quantile|\) \/ |process_cpu/.test(expr);
    const rates = DASHBOARDS.flatMap(({ name, panels }) =>
      panels
        .filter((panel) => askedBy(panel).some(isRate))
        .map(({ title, fieldConfig }) => `${name}, ${title}: ${fieldConfig.defaults.unit}`),
    );
    expect(rates.length).toBeGreaterThan(10);
    expect(rates.filter((panel) => !/: (reqps|ops|mps|cps)$/.test(panel))).toEqual([]);
  });

  it('show every metric of ours somewhere', () => {
    const shown = new Set(DASHBOARDS.flatMap(({ panels }) => panels.flatMap(askedBy)).flatMap(metricsIn));
    for (const { record, expr } of RULES)
      if (record && shown.has(record)) metricsIn(expr).forEach((name) => shown.add(name));
    const ours = [...read('docs/metrics.md').matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    const unseen = ours.filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`));
    expect(unseen).toEqual([]);
  });
});
