import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Gate } from './gate.js';

/** As much as a link may hold; more stays with the sender, as on a real network. */
const MAX_HELD_BYTES = 1_048_576;

/** How a link behaves. */
export interface Link {
  readonly gate: Gate;
  readonly latencyMs: () => number;
  readonly onPassed: (bytes: number) => void;
}

/** Pass on what one socket gets to another, in order, each piece as late as the link says; then its end. */
export function relay(from: Socket, to: Socket, link: Link): void {
  let heldBytes = 0;
  let last = Promise.resolve();

  const passOn = (deliver: () => Promise<void> | void) => {
    const dueAtMs = performance.now() + link.latencyMs();
    last = last.then(async () => {
      const earlyMs = dueAtMs - performance.now();
      if (earlyMs > 0) await delay(earlyMs);
      await link.gate.pass();
      await deliver();
    });
  };
  from.on('data', (chunk) => {
    heldBytes += chunk.length;
    if (heldBytes > MAX_HELD_BYTES) from.pause();
    passOn(async () => {
      await write(to, chunk);
      link.onPassed(chunk.length);
      heldBytes -= chunk.length;
      if (heldBytes <= MAX_HELD_BYTES) from.resume();
    });
  });
  from.on('end', () => passOn(() => void to.end()));
  from.on('error', () => to.resetAndDestroy());
  from.on('close', (failed) => failed && to.resetAndDestroy());
}

/** Resolves when the socket wants more; at once when nobody will ever read it. */
async function write(to: Socket, chunk: Buffer): Promise<void> {
  if (to.destroyed || to.write(chunk)) return;
  await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => {});
}
