import { readdirSync } from 'node:fs';
import { findChromium } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { runProgram } from './program.js';

const benches = ['client', 'gateway', 'matchmaker', 'signaling'].flatMap((folder) =>
  readdirSync(new URL(`../${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.bench.ts'))
    .map((name) => `${folder}/${name.replace(/\.ts$/, '.js')}`),
);

const chromium = await findChromium();
const inBrowser = new Set(['client/play.bench.js']);

describe.concurrent('every bench runs, and reports; ratios are not judged here', () => {
  it.for(benches)('%s', { timeout: 60_000 }, async (bench, { skip }) => {
    skip(inBrowser.has(bench) && !chromium.ok, chromium.ok ? '' : `no Chromium: ${chromium.reason}`);
    const { code, output } = await runProgram(bench, ['--smoke']);
    expect(output).toContain('all samples:');
    expect(code).toBe(0);
  });
});
