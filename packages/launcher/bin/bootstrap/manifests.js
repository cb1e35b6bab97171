import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** What an install depends on, as one hash: the lock file, the workspace file, every package.json, and the Node it was for. */
export function manifestsHash() {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`);
  for (const file of manifests()) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function manifests() {
  const folders = ['apps', 'packages', 'bench'].flatMap((parent) => {
    const path = join(root, parent);
    return existsSync(path)
      ? readdirSync(path)
          .toSorted()
          .map((name) => join(parent, name))
      : [];
  });
  const files = ['.', 'examples', 'bench', ...folders].map((folder) => join(folder, 'package.json'));
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...files].filter((file) => existsSync(join(root, file)));
}
