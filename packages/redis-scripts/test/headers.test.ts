import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Script } from '../src/script/define.js';

const LUA = new URL('../lua/', import.meta.url);
const SRC = new URL('../src/', import.meta.url);

/** Every script that a `scripts.ts` declares, by its file's name. */
async function declaredScripts(): Promise<Map<string, Script>> {
  const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('scripts.ts'),
  );
  const exported = await Promise.all(modules.map((file) => import(new URL(file, SRC).href)));
  const scripts = exported.flatMap((module) => Object.values(module as Record<string, unknown>));
  const isScript = (value: unknown): value is Script =>
    typeof value === 'object' && value !== null && 'sha1' in value;
  return new Map(scripts.filter(isScript).map((script) => [script.name, script]));
}

const files = readdirSync(LUA)
  .filter((file) => file.endsWith('.lua'))
  .map((file) => file.slice(0, -'.lua'.length));
const scripts = await declaredScripts();

/** Comments of a file in `lua/shared/` that name arguments: it reads those of every script that it stands before. */
function sharedComments(name: string): string[] {
  const lines = readFileSync(new URL(`shared/${name}.lua`, LUA), 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('-- ARGV['));
}

/** The comment that a file opens with. */
function header(name: string): string[] {
  const lines = readFileSync(new URL(`${name}.lua`, LUA), 'utf8').split('\n');
  return lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('--')),
  );
}

/** Names in `-- KEYS[1] name  meaning` lines (aligned or not), which must count up from 1. */
function named(lines: string[], kind: 'KEYS' | 'ARGV'): string[] {
  const found = lines.flatMap((line) => {
    const match = new RegExp(`^-- ${kind}\\[(\\d+)\\] (\\w+) {2,}\\S`).exec(line);
    return match ? [{ index: Number(match[1]), name: match[2] ?? '' }] : [];
  });
  expect(found.map(({ index }) => index)).toEqual(found.map((_, i) => i + 1));
  return found.map(({ name }) => name);
}

describe('every script', () => {
  it('is declared once for each file in lua/', () => {
    expect([...scripts.keys()].toSorted()).toEqual(files.toSorted());
  });

  it.each(files)('%s opens with a header that names what the declaration names', (name) => {
    const lines = header(name);
    expect(lines[0]).toMatch(/^-- \w/);
    expect(lines.some((line) => line.startsWith('-- Returns '))).toBe(true);
    expect(named(lines, 'KEYS')).toEqual(scripts.get(name)?.keys);
    expect(named(lines, 'ARGV')).toEqual(scripts.get(name)?.argv);
  });

  it.each(files)('%s passes its shared functions the arguments that these read', (name) => {
    const { argv = [], shared = [] } = scripts.get(name) ?? {};
    for (const file of shared) {
      const read = named(sharedComments(file), 'ARGV');
      expect(argv.slice(0, read.length)).toEqual(read);
    }
  });

  it('shared functions name every argument that they read', () => {
    for (const file of readdirSync(new URL('shared/', LUA))) {
      const text = readFileSync(new URL(`shared/${file}`, LUA), 'utf8');
      const code = text.split('\n').filter((line) => !line.startsWith('--'));
      const read = new Set([...code.join('\n').matchAll(/ARGV\[(\d+)\]/g)].map(([, at]) => Number(at)));
      const said = named(sharedComments(file.slice(0, -'.lua'.length)), 'ARGV').length;
      expect([...read].every((at) => at <= said)).toBe(true);
    }
  });

  it.each(files)('%s calls nothing that looks at everything there is', (name) => {
    const forbidden = /\b(KEYS|SCAN|[HSZ]SCAN|RANDOMKEY|FLUSH\w*|SORT)\b/;
    const calls = [...(scripts.get(name)?.lua ?? '').matchAll(/call\(\s*'(\w+)'/g)].map(([, call]) => call);
    expect(calls.filter((call) => forbidden.test(call ?? ''))).toEqual([]);
    expect(calls.length).toBeGreaterThan(0);
  });
});
