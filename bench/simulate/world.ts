import type { Api } from './api.js';
import type { Books } from './books.js';
import type { SimulatedHost } from './host.js';
import type { SimulateOptions } from './options.js';

/** What hosts and clients share. */
export interface World {
  readonly api: Api;
  readonly books: Books;
  readonly hosts: Map<string, SimulatedHost>;
  readonly regions: readonly string[];
  readonly options: SimulateOptions;
  readonly signalingUrl: string | undefined;
  /** A host that is silent for this long is dead, as the answers to heartbeats say. */
  hostTtlMs: number;
  /** Latencies, milliseconds. */
  readonly findMs: number[];
  readonly heartbeatMs: number[];
  /** Milliseconds since the start. */
  readonly nowMs: () => number;
  /** Aborted when clients shall leave and ask no more. */
  readonly closing: AbortSignal;
  /** What went wrong without breaking a promise: the reason and how often. */
  readonly troubles: Map<string, number>;
}

export function noteTrouble({ troubles }: World, what: string): void {
  troubles.set(what, (troubles.get(what) ?? 0) + 1);
}

/** A number between two, each as likely. */
export function between(least: number, most: number): number {
  return least + Math.random() * (most - least);
}

export function oneOf<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)] as T;
}
