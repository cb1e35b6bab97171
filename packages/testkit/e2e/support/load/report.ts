import type { Load } from './load.js';

/** Print what was measured: the figures of docs/failure-modes.md come from here. */
export function report(fault: string, load: Load, more: Readonly<Record<string, string>> = {}): void {
  const lines = Object.entries({ ...load.figures(), ...more }).map(([what, how]) => `  ${what}: ${how}`);
  console.log([`${fault}:`, ...lines].join('\n'));
}
