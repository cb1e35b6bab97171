import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, uniqueId, useRedis } from '@parley/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { askedBy, DASHBOARDS, RULE_FILES, RULE_GROUPS } from './support/monitoring-files.js';
import { OURS } from './support/compose-file.js';
import { read, ROOT } from './support/root.js';
import { SERVICES } from './support/services.js';
import { findPromtool, use } from './support/tools.js';

const promtool = await findPromtool();
const why = promtool.ok ? '' : ` (skipped, no promtool: ${promtool.reason})`;
const redis = useRedis();

/** @throws with what it says when it objects */
async function check(args: readonly string[], input?: string): Promise<void> {
  const { code, stdout, stderr } = await use(promtool)(args, input);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}

describe.skipIf(!promtool.ok)(`promtool${why}`, () => {
  it('takes the configuration', () => check(['check', 'config', `${ROOT}/deploy/monitoring/prometheus.yml`]));

  it('takes the rules', () => check(['check', 'rules', ...RULE_FILES.map((file) => `${ROOT}/${file}`)]));

  it('sees each alert when it has to be, and only then', () =>
    check(['test', 'rules', `${ROOT}/packages/deployment/test/fixtures/alerts.yml`]));

  it('takes every query of the dashboards', async () => {
    const asked = DASHBOARDS.flatMap(({ panels }) => panels.flatMap(askedBy));
    const rules = asked.map((expr, at) => ({ record: `asked:${at}`, expr }));
    const folder = await mkdtemp(join(tmpdir(), 'parley-dashboards-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'asked.yml'), stringify({ groups: [{ name: 'asked', rules }] }));
    await check(['check', 'rules', '--lint=none', join(folder, 'asked.yml')]);
  });

  it.each(SERVICES)('has nothing to object to in what %s counts', async (name) => {
    const service = await startService(name, { ...redis.env, HOST_SECRET: uniqueId('secret') });
    onTestFinished(() => service.stop().then(() => undefined));
    const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
    // Those of the process have the names that prom-client gives them everywhere, and some of these are not as they should be.
    const ours = text.split('\n').filter((line) => /^(# \w+ )?cloudgaming_/.test(line));
    expect(ours.length).toBeGreaterThan(10);
    await check(['check', 'metrics'], `${ours.join('\n')}\n`);
  });
});

describe('monitoring', () => {
  it('asks each service at the port that is open until its end', () => {
    const { scrape_configs: jobs } = parse(read('deploy/monitoring/prometheus.yml')) as {
      scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
    };
    const asked = jobs.map(({ job_name: name, dns_sd_configs: [found] }) => [
      name,
      found?.names,
      found?.port,
    ]);
    expect(asked).toEqual(SERVICES.map((name) => [name, [name], 9000]));
    for (const [, { environment }] of OURS) expect(environment?.['HEALTH_PORT']).toBe('9000');
  });

  it('has the same rules in Kubernetes: k8s/monitoring/prometheus-rules.yaml', async () => {
    // The file is written by this test: after a change of a rule, run it with -u.
    const rule = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'parley' },
      spec: { groups: RULE_GROUPS },
    };
    const text = `# Written from deploy/monitoring/rules by a test in packages/deployment.\n${stringify(rule)}`;
    await expect(text).toMatchFileSnapshot('../../../k8s/monitoring/prometheus-rules.yaml');
  });
});
