import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'parley-arrows-'));
  cpSync(join(ROOT, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** What oxlint says, with the repository's own configuration, about a file at that place. */
async function lint(path: string, text: string): Promise<string> {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const options = { cwd: tree, encoding: 'utf8' } as const;
  return run(join(ROOT, 'node_modules', '.bin', 'oxlint'), ['--deny-warnings', path], options).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

const use = (specifier: string): string => `import { thing } from '${specifier}';\n\nthing();\n`;

describe('the arrows between the parts', () => {
  it.each([
    [
      'an app imports another app',
      'apps/gateway/src/a.ts',
      use('@parley/matchmaker'),
      'nobody imports an app',
    ],
    ['an app reaches into another app', 'apps/gateway/src/a.ts', use('../../matchmaker/src/a.js'), 'by path'],
    [
      'an app reaches into a package',
      'apps/gateway/src/deep/a.ts',
      use('../../../../packages/runtime/src/a.js'),
      'by path',
    ],
    [
      'a package imports an app',
      'packages/runtime/src/a.ts',
      use('@parley/signaling'),
      'nobody imports an app',
    ],
    ['the SDK imports a schema', 'packages/client/src/a.ts', use('@parley/protocol'), 'no schema'],
    [
      'the SDK imports another package',
      'packages/client/src/a.ts',
      use('@parley/runtime'),
      'depends on nothing',
    ],
    ['the SDK imports something of Node', 'packages/client/src/a.ts', use('node:fs'), 'runs in browsers'],
    [
      'a test imports another app',
      'apps/gateway/test/a.test.ts',
      use('@parley/signaling'),
      'nobody imports an app',
    ],
    [
      'a package is imported by its insides',
      'apps/gateway/src/a.ts',
      use('@parley/runtime/src/a.js'),
      'by its name',
    ],
    ['protocol imports one of ours', 'packages/protocol/src/a.ts', use('@parley/config'), 'nothing of ours'],
    [
      'an app talks to Redis itself',
      'apps/signaling/src/a.ts',
      use('ioredis'),
      'Only packages/redis-scripts',
    ],
    [
      'runtime talks to Redis itself',
      'packages/runtime/src/a.ts',
      use('ioredis'),
      'Only packages/redis-scripts',
    ],
    [
      'it does so by a dynamic import',
      'apps/signaling/src/a.ts',
      `await import('ioredis');\n`,
      'Only packages/redis-scripts',
    ],
    [
      'an app spells a Lua command',
      'apps/signaling/src/a.ts',
      `export const f = (redis: any) => redis.eval('return 1', 0);\n`,
      'spells a Lua command',
    ],
    [
      'an app spells a key',
      'apps/signaling/src/a.ts',
      `import { createKeys } from '@parley/redis-scripts';\n\ncreateKeys('p');\n`,
      'spells a key',
    ],
    [
      'an app sends a command of its own',
      'apps/signaling/src/a.ts',
      `export const f = (redis: any) => redis.command('mine', (client: any) => client.get('room:x'));\n`,
      'sends commands',
    ],
    [
      'an app asks for the keys of a connection',
      'apps/signaling/src/a.ts',
      `export const f = (redis: any) => redis.keys;\n`,
      'spells a key',
    ],
    [
      'an app goes round the imports',
      'apps/signaling/src/a.ts',
      `import { createRequire } from 'node:module';\n\ncreateRequire(import.meta.url)('@parley/gateway');\n`,
      'rules on who may import whom',
    ],
    [
      'an app reads the environment',
      'apps/signaling/src/a.ts',
      `export const port = process.env['PORT'];\n`,
      'process.env',
    ],
  ])('oxlint objects when %s', async (_what, path, text, says) => {
    expect(await lint(path, text)).toContain(says);
  });

  it.each([
    [
      'an app imports packages and its own files',
      'apps/gateway/src/a/b.ts',
      `${use('@parley/runtime')}export { other } from '../c/d.js';\n`,
    ],
    ['a test imports the source beside it', 'apps/gateway/test/a.test.ts', use('../src/index.js')],
    [
      'redis-scripts talks to Redis',
      'packages/redis-scripts/src/a.ts',
      `${use('ioredis')}export const f = (redis: typeof thing) => redis.eval('return 1', 0);\n`,
    ],
    ['a test looks into Redis', 'apps/gateway/test/b.test.ts', use('ioredis')],
    [
      'config reads the environment',
      'packages/config/src/a.ts',
      `export const port = process.env['PORT'];\n`,
    ],
    [
      'the SDK imports the close codes and types',
      'packages/client/src/a.ts',
      `import type { Where } from '@parley/protocol';\n${use('@parley/protocol/close-codes')}export type A = Where;\n`,
    ],
  ])('oxlint is content when %s', async (_what, path, text) => {
    expect(await lint(path, text)).toBe('');
  });
});
