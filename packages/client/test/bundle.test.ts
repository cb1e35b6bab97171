import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const dist = (name: string) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

/** What a bundler makes of a page that imports so much, and what went into it. */
async function bundle(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: dist('.') },
    absWorkingDir: dist('..'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
  });
  const text = outputFiles[0]?.text ?? '';
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return {
    text,
    imports,
    inputs: Object.keys(metafile.inputs),
    gzipped: gzipSync(text, { level: 9 }).length,
  };
}

describe('the bundle for browsers', () => {
  it('is one module, smaller than 12 KB gzipped, without zod or anything of Node', async () => {
    const text = await readFile(dist('browser/parley-client.js'), 'utf8');
    expect(gzipSync(text, { level: 9 }).length).toBeLessThan(12 * 1024);
    const { inputs, imports, text: same } = await bundle(`export * from './index.js'`);
    expect(imports).toEqual([]);
    expect(same.length).toBeGreaterThan(text.length * 0.9);
    expect(inputs.filter((file) => !/^(dist\/|<stdin>)/.test(file))).toEqual([
      expect.stringMatching(/protocol\/dist\/close-codes\.js$/),
    ]);
  });

  it('has everything that the package exports', async () => {
    const [all, browser] = await Promise.all([
      import('../dist/index.js'),
      import('../dist/browser/parley-client.js' as string),
    ]);
    expect(Object.keys(browser as object).toSorted()).toEqual(Object.keys(all).toSorted());
  });

  it('leaves out what a page does not use', async () => {
    const match = await bundle(`import { findMatch } from './index.js'; findMatch('')`);
    expect(match.gzipped).toBeLessThan(2_000);
    const player = await bundle(
      `import { findMatch, connect, attach } from './index.js'; attach(0, connect(findMatch('')))`,
    );
    const host = await bundle(`import { createHost } from './index.js'; createHost({})`);
    expect(player.text).not.toContain('/api/host/heartbeat');
    expect(player.gzipped).toBeLessThan(9_000);
    expect(host.text).toContain('/api/host/heartbeat');
  });
});
