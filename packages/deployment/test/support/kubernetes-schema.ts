import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './manifests.js';
import { ROOT } from './root.js';
import { run } from './run.js';

// Two readings of Kubernetes' own OpenAPI: validators know formats and required fields, and the compiler knows every field
// that there is, so that a misspelt one is found, which an API server would drop without a word.

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

interface Validated {
  validate(): void;
}

function moduleOf({ apiVersion }: Manifest): string {
  return apiVersion.startsWith('monitoring.coreos.com/')
    ? `@kubernetes-models/prometheus-operator/${apiVersion}`
    : `kubernetes-models/${apiVersion}`;
}

/** @throws naming the field that is wrong */
export async function validate(manifest: Manifest): Promise<void> {
  const kinds = (await import(moduleOf(manifest))) as Record<string, new (data: Manifest) => Validated>;
  const Kind = kinds[manifest.kind];
  if (!Kind) throw new Error(`${manifest.apiVersion} has no ${manifest.kind}`);
  new Kind(manifest).validate();
}

/** What the compiler says of manifests as literals of their kinds; nothing, if they are right. */
export async function typeErrors(name: string, manifests: readonly Manifest[]): Promise<string> {
  const text = manifests.map((manifest, at) => {
    const type = `import('${moduleOf(manifest)}').I${manifest.kind}`;
    return `export const _${at}: ${type} = ${JSON.stringify(manifest, undefined, 1)};\n`;
  });
  const file = `${PACKAGE}/.cache/${name}.ts`;
  mkdirSync(`${PACKAGE}/.cache`, { recursive: true });
  writeFileSync(file, text.join('\n'));
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--ignoreConfig',
    '--module',
    'nodenext',
    '--types',
    '',
  ];
  const { code, stdout, stderr } = await run(`${ROOT}/node_modules/.bin/tsc`, [...options, file], {
    env: process.env,
  });
  if (code === 0) rmSync(file);
  return code === 0 ? '' : `${stdout}${stderr}`;
}
