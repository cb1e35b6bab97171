import { join } from 'node:path';
import { build } from './build.js';
import { Failure } from './failure.js';
import { install } from './install.js';
import { spawnLeashed } from './leashed.js';
import { withLock } from './lock.js';
import { whenNpmIsGone } from './npm-gone.js';
import { refuseTakenPorts } from './ports.js';
import { createProgress } from './progress.js';
import { loadDotEnv, root } from './root.js';
import { runCommand } from './run-command.js';

/**
 * Makes the checkout ready, then hands over to the built launcher.
 * @param {'start' | 'verify' | 'simulate'} command
 */
export async function enter(command) {
  const progress = createProgress(process.stdout);
  const npmIsGone = whenNpmIsGone();
  // Whatever it runs ends with this process. A stack that runs is stopped in order, by `start`.
  let stopsInOrder = false;
  void npmIsGone.then(() => stopsInOrder || process.exit(1));
  try {
    loadDotEnv();
    /** @type {import('../../src/bootstrap.js').Bootstrap} */
    const bootstrap = { root, progress, npmIsGone, spawnLeashed, runCommand };
    const ports = command === 'start' ? await refuseTakenPorts(process.env) : undefined;
    await withLock(join(root, '.cache', 'prepare.lock'), progress, async () => {
      await install(progress);
      await build(progress, command);
    });
    const launcher = await import('../../dist/index.js');
    // What is still under way, such as a download, must not keep a stopped launcher alive.
    stopsInOrder = command === 'start';
    if (ports) process.exit(await launcher.start(bootstrap, ports));
    process.exit(await (command === 'simulate' ? launcher.simulate(bootstrap) : launcher.verify(bootstrap)));
  } catch (error) {
    progress.stop();
    const expected = error instanceof Error && (error instanceof Failure || error.name === 'Failure');
    process.stderr.write(
      `\n${expected ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exit(1);
  }
}
