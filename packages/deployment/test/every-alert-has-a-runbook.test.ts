import { expect, it } from 'vitest';
import { RULES } from './support/monitoring-files.js';
import { read } from './support/root.js';

const PAGE = 'docs/runbook.md';
const alerts = RULES.flatMap(({ alert, annotations }) => (alert ? [{ alert, annotations }] : []));
const sections = new Map(
  read(PAGE)
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section] as const),
);

it.each(alerts)(
  '$alert leads to its paragraph, which says what players notice and what to do',
  ({ alert, annotations }) => {
    expect(annotations?.['runbook']).toBe(`${PAGE}#${alert.toLowerCase()}`);
    const section = sections.get(alert) ?? '';
    for (const part of ['**Players:**', '**Look:**', '**Do:**']) expect(section).toContain(part);
  },
);

it('the runbook has no paragraph for an alert that there is not', () => {
  const named = [...sections.keys()].filter((title) => title.startsWith('Parley'));
  expect(named).toEqual(alerts.map(({ alert }) => alert));
});
