import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { spawnLeashed } from './leashed.js';

const GRACE_MS = 5_000;
const MAX_KEPT_LINES = 2_000;

/**
 * Runs a command to its end.
 * @type {import('../../src/bootstrap.js').Bootstrap['runCommand']}
 */
export function runCommand(command, args, { cwd, env = {}, onLine = () => {} }) {
  const child = spawnLeashed(command, args, { cwd, env, graceMs: GRACE_MS });
  /** @type {string[]} */
  const lines = [];
  for (const input of [child.stdout, child.stderr]) {
    if (!input) continue;
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (lines.length > MAX_KEPT_LINES) lines.shift();
      const text = stripVTControlCharacters(line).trim();
      if (text) onLine(text);
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ ok: code === 0, output: lines.join('\n').trim() }));
  });
}
