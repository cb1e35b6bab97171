import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// The SDK as one ES module file that a page can load as it is.
await build({
  entryPoints: [fileURLToPath(new URL('../dist/index.js', import.meta.url))],
  outfile: fileURLToPath(new URL('../dist/browser/parley-client.js', import.meta.url)),
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
});
