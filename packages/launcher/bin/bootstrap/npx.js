import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './failure.js';

/**
 * npm's own npx as a file for this Node, wherever npm lies: the npm that runs us, the one next to node, or one on PATH.
 * A global pnpm is neither needed nor looked for.
 * @param {NodeJS.ProcessEnv} env
 */
export function findNpx(env) {
  const nodeDir = dirname(realpathSync(process.execPath));
  const folders = [
    ...(env.npm_execpath ? [dirname(env.npm_execpath)] : []),
    join(nodeDir, '..', 'lib', 'node_modules', 'npm', 'bin'),
    join(nodeDir, 'node_modules', 'npm', 'bin'),
    ...(env.PATH ?? '').split(':').flatMap((folder) => npmBinOnPath(join(folder, 'npx'))),
  ];
  const found = folders.map((folder) => join(folder, 'npx-cli.js')).find((file) => existsSync(file));
  if (found === undefined)
    throw new Failure('npm was not found. It comes with Node: install it, or put it on PATH.');
  return found;
}

/** @param {string} npx */
function npmBinOnPath(npx) {
  return existsSync(npx) ? [dirname(realpathSync(npx))] : [];
}
