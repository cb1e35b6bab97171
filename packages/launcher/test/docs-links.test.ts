import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const all = [
    'README.md',
    'CONTRIBUTING.md',
    'examples/README.md',
    'bench/README.md',
    ...docs.map((name) => join('docs', name)),
  ];
  return all.filter((name) => name.endsWith('.md'));
}

/** Links of a page to files of the repository, without their `#anchor`. */
function links(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/```.*?```/gs, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.split('#')[0] ?? '');
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

it.each(pages())('every link in %s leads to a file that is there', (page) => {
  const broken = links(page).filter((target) => !existsSync(join(ROOT, dirname(page), target)));
  expect(broken).toEqual([]);
});

it('every page below docs can be reached from the README', () => {
  const all = pages();
  const seen = new Set<string>();
  const visit = (target: string): void => {
    // A link to a folder leads to all pages in it.
    const reached = all.filter((page) => page === target || dirname(page) === target.replace(/\/$/, ''));
    for (const page of reached.filter((each) => !seen.has(each))) {
      seen.add(page);
      for (const next of links(page)) visit(join(dirname(page), next));
    }
  };
  visit('README.md');
  expect(all.filter((page) => !seen.has(page))).toEqual([]);
});
