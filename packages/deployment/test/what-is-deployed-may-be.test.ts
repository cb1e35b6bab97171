import { markdownTable } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read, ROOT } from './support/root.js';
import { run } from './support/run.js';
import { SERVICES } from './support/services.js';

/** Licences that ask for no more than to be named. */
const MAY_BE = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** The names of the packages that the images have, by licence, in the order of the licences' names. */
async function licences(): Promise<[licence: string, names: string[]][]> {
  const filters = SERVICES.flatMap((name) => ['--filter-prod', `@parley/${name}...`]);
  const args = [...filters, 'licenses', 'list', '--prod', '--json'];
  const { code, stdout, stderr } = await run(`${ROOT}/node_modules/.bin/pnpm`, args, {
    cwd: ROOT,
    env: process.env,
  });
  if (code !== 0) throw new Error(stderr);
  const found = JSON.parse(stdout) as Readonly<Record<string, readonly { readonly name: string }[]>>;
  const sorted = Object.entries(found).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return sorted.map(([licence, packages]) => [licence, packages.map(({ name }) => name).toSorted()]);
}

describe('what is deployed', () => {
  it('has licences that ask for no more than to be named: docs/operating/licences.md', async () => {
    const found = await licences();
    expect(found.flatMap(([, names]) => names).length).toBeGreaterThan(20);
    expect(found.map(([licence]) => licence).filter((licence) => !MAY_BE.includes(licence))).toEqual([]);
    const rows = found.map(([licence, names]) => [licence, names.map((name) => `\`${name}\``).join(', ')]);
    const page = `# Licences

What the images have beside Node and Debian, by licence. Written by a test; each image lists its own with versions in
\`/app/sbom.cdx.json\`.

${markdownTable(['Licence', 'Packages'], rows)}
`;
    await expect(page).toMatchFileSnapshot('../../../docs/operating/licences.md');
  });

  it('comes from whatever registry npm is set to: the lock file names none', () => {
    expect(read('pnpm-lock.yaml')).not.toMatch(/https?:\/\//);
  });
});

describe('the workflow', () => {
  const { jobs } = parse(read('.github/workflows/ci.yml')) as {
    jobs: Readonly<
      Record<string, { strategy?: { matrix: Readonly<Record<string, string[]>> }; steps: { run?: string }[] }>
    >;
  };

  it('runs what npm test runs, on the oldest Node that is supported and on that of the images', () => {
    const { strategy, steps } = jobs['checks'] ?? { steps: [] };
    expect(steps.map((step) => step.run).filter(Boolean)).toEqual(['.ci/run']);
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const oldest = /^>=(\d+)/.exec(engines.node)?.[1];
    const image = /node:(\d+)/.exec(read('Dockerfile'))?.[1];
    expect(strategy?.matrix['node']).toEqual([oldest, image]);
  });

  it('builds the image of every service', () => {
    expect(jobs['images']?.strategy?.matrix['app']?.toSorted()).toEqual(SERVICES.toSorted());
  });
});
