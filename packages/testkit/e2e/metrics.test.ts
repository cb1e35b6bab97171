import { expect, it } from 'vitest';
import { markdownTable } from '../src/markdown-table.js';
import { deployedTarget } from './support/target-from-env.js';
import { target } from './support/target.js';

// The page is written by this test: after a change of a metric, `npm run docs` renews it.

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** Our own metrics in an exposition; those of the process are prom-client's usual ones. */
async function metricsOf(url: string): Promise<Metric[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.matchAll(/^# HELP (cloudgaming_\w+) (.*)\n# TYPE \1 (\w+)$/gm);
  return [...found].map(([, name = '', help = '', type = '']) => ({ name, help, type }));
}

async function metricsPage(): Promise<string> {
  const services = {
    signaling: target.signalingUrls[0].replace('ws:', 'http:'),
    matchmaker: target.matchmakerUrl,
    gateway: target.gatewayUrl,
  };
  const rows = new Map<string, { metric: Metric; services: string[] }>();
  for (const [service, url] of Object.entries(services)) {
    for (const metric of await metricsOf(url)) {
      const row = rows.get(metric.name) ?? { metric, services: [] };
      row.services.push(service);
      rows.set(metric.name, row);
    }
  }
  const sorted = [...rows.values()].toSorted((a, b) => a.metric.name.localeCompare(b.metric.name, 'en'));
  const cells = sorted.map(({ metric, services: from }) => [
    `\`${metric.name}\``,
    metric.type,
    from.join(', '),
    metric.help,
  ]);
  return `# Metrics

Every service answers \`GET /metrics\` in the Prometheus format: its own metrics, which are these, and those of its process
(\`process_…\`, \`nodejs_…\`). Durations are in seconds.

This page is held to what the services answer by a test.

${markdownTable(['Metric', 'Type', 'Services', 'Meaning'], cells)}
`;
}

it.skipIf(deployedTarget(process.env))(
  'the metrics in the documentation are those that the services answer: docs/metrics.md',
  async () => {
    await expect(await metricsPage()).toMatchFileSnapshot('../../../docs/metrics.md');
  },
);
