import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { RULE_FILES } from './support/monitoring-files.js';
import { read, ROOT } from './support/root.js';
import { findPromtool, use } from './support/tools.js';

const promtool = await findPromtool();
const why = promtool.ok ? '' : ` (skipped, no promtool: ${promtool.reason})`;

interface ScaledObject {
  readonly spec: { readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[] };
}

/** KEDA's object as docs/operating/kubernetes.md shows it. */
function shown(): Readonly<Record<string, string>> {
  const blocks = read('docs/operating/kubernetes.md').matchAll(/```yaml\n([\s\S]*?)```/g);
  const text = [...blocks].map(([, block = '']) => block).find((block) => block.includes('ScaledObject'));
  return (parse(text ?? '') as ScaledObject).spec.triggers[0]?.metadata ?? {};
}

const pods = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    series: `kube_pod_status_ready{pod="hosts-eu-west-${at}",condition="true"}`,
    values: '1x10',
  }));
const free = (slots: number) => ({
  series: 'cloudgaming_free_slots{job="matchmaker",region="eu-west",kind="streaming"}',
  values: `${slots}x10`,
});

/** How many hosts KEDA would want: what its query answers, or nothing. */
const cases = [
  { what: 'three of twelve hosts are free', input_series: [...pods(12), free(3)], wanted: [19] },
  { what: 'there is no host yet, but a region', input_series: [free(0)], wanted: [10] },
  { what: 'no matchmaker tells', input_series: pods(12), wanted: [] },
];

describe.skipIf(!promtool.ok)(`KEDA’s query for hosts${why}`, () => {
  it.each(cases)('$what: $wanted', async ({ input_series, wanted }) => {
    const expectation = {
      expr: shown()['query'],
      eval_time: '1m',
      exp_samples: wanted.map((value) => ({ labels: '{}', value })),
    };
    const file = {
      rule_files: RULE_FILES.map((path) => `${ROOT}/${path}`),
      evaluation_interval: '15s',
      tests: [{ interval: '15s', input_series, promql_expr_test: [expectation] }],
    };
    const folder = await mkdtemp(join(tmpdir(), 'parley-keda-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'query.yml'), stringify(file));
    const { code, stdout, stderr } = await use(promtool)(['test', 'rules', join(folder, 'query.yml')]);
    expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: expect.any(String) as string });
  });

  it('takes no answer for an error, and not for 0: hosts in session would be shut down', () => {
    expect(shown()['ignoreNullValues']).toBe('false');
  });
});
