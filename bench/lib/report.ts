import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Samples } from './alternate.js';
import type { BenchOptions } from './options.js';
import { median } from './statistics.js';
import { figure, textTable } from './table.js';

/** Where results are written; not part of the repository. */
const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));

/** The medians of one contender, and each of them as a multiple of the first contender's. */
export interface Summary {
  readonly name: string;
  readonly medians: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
}

/** Medians of all contenders, and their ratios to those of the reference, the first one. */
export function summarize(samples: Samples): Summary[] {
  const summaries: Summary[] = [];
  for (const [name, taken] of samples) {
    const keys = Object.keys(taken[0] ?? {});
    const medians = Object.fromEntries(
      keys.map((key) => [key, median(taken.map((each) => each[key] ?? NaN))]),
    );
    const reference = summaries[0]?.medians ?? medians;
    const ratios = Object.fromEntries(
      keys.map((key) => [key, (medians[key] ?? NaN) / (reference[key] ?? NaN)]),
    );
    summaries.push({ name, medians, ratios });
  }
  return summaries;
}

/** The summaries as a table: each median, and behind it its multiple of the first contender's. */
export function summaryTable(summaries: readonly Summary[]): string {
  const keys = Object.keys(summaries[0]?.medians ?? {});
  const header = ['median', ...keys.flatMap((key) => [key, '×'])];
  const rows = summaries.map(({ name, medians, ratios }) => [
    name,
    ...keys.flatMap((key) => [figure(medians[key] ?? NaN), (ratios[key] ?? NaN).toFixed(2)]),
  ]);
  return textTable(header, rows);
}

/** Write everything that was measured as `bench/results/NAME.json`, and answer that path. */
export function writeResults(
  name: string,
  question: string,
  options: BenchOptions,
  samples: Samples,
): string {
  mkdirSync(RESULTS, { recursive: true });
  const file = `${RESULTS}${name}${options.smoke ? '.smoke' : ''}.json`;
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model ?? '' };
  const content = {
    question,
    at: new Date().toISOString(),
    machine,
    options,
    summary: summarize(samples),
    samples: Object.fromEntries(samples),
  };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return file;
}
