import { once } from 'node:events';
import { join } from 'node:path';
import type { Bootstrap } from './bootstrap.js';
import { whenAskedToStop } from './start/stop-reasons.js';

/** Enough for the simulation to stop its stack. */
const GRACE_MS = 6_000;

/**
 * `npm run simulate`, once everything is built: hosts and clients play against a pool, with this process' arguments.
 * @returns the exit code: 0 only if every promise was kept
 */
export async function simulate({ root, progress, spawnLeashed }: Bootstrap): Promise<number> {
  progress.stop();
  const main = join(root, 'bench', 'dist', 'simulate', 'main.js');
  const child = spawnLeashed(process.execPath, [main, ...process.argv.slice(2)], {
    cwd: root,
    graceMs: GRACE_MS,
  });
  child.stdout?.pipe(process.stdout);
  child.stderr?.pipe(process.stderr);
  const tell = (message: 'stop' | 'kill'): void => {
    if (child.connected) child.send(message, () => {});
  };
  void whenAskedToStop(() => tell('kill')).then(() => tell('stop'));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
