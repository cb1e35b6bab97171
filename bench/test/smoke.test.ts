import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from './program.js';

const benches = ['client', 'gateway', 'matchmaker', 'signaling'].flatMap((folder) =>
  readdirSync(new URL(`../${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.bench.ts'))
    .map((name) => `${folder}/${name.replace(/\.ts$/, '.js')}`),
);

describe('every bench runs, and reports; ratios are not judged here', () => {
  it.each(benches)('%s', { timeout: 60_000 }, async (bench) => {
    const { code, output } = await runProgram(bench, ['--smoke']);
    expect(output).toContain('all samples:');
    expect(code).toBe(0);
  });
});
