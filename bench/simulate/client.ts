import { setTimeout as delay } from 'node:timers/promises';
import { find, makeWish } from './find.js';
import { visit } from './visit.js';
import { between, type World } from './world.js';

/** Clients that find a match and never come. */
const NO_SHOW_SHARE = 0.1;
const STAY_MS = [300, 3_000] as const;
const PAUSE_MS = [300, 1_500] as const;

/** Find, come, stay, leave, and again, until the simulation closes. */
export async function runClient(clientId: string, world: World): Promise<void> {
  const { closing, options } = world;
  // The end of the simulation ends every wait, and that is all that it may throw.
  const pause = (least: number, most: number) =>
    delay(between(least, most), undefined, { signal: closing }).catch(() => {});
  await pause(0, PAUSE_MS[1]);
  while (!closing.aborted) {
    const found = await find(world, clientId, makeWish(world));
    if (found && Math.random() >= NO_SHOW_SHARE) {
      await pause(0, options.leaseTtlMs / 6);
      if (!closing.aborted) await visit(found, between(...STAY_MS), world);
    }
    await pause(...PAUSE_MS);
  }
}
