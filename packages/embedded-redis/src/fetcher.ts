import type { EntryCheck, Manifest } from './cache-entry.js';
import type { BinarySource } from './redis-binary.js';

export interface FetchContext extends EntryCheck {
  readonly onProgress: (text: string) => void;
}

export type Fetched = { ok: true; manifest: Manifest } | { ok: false; reason: string };

/** One way to fetch a Redis server from the network into a folder. */
export interface Fetcher {
  /** How the error message names it. */
  readonly step: string;
  readonly source: BinarySource;
  /** Fills `folder`, which is empty and stays inside the cache folder. */
  fetch(folder: string, context: FetchContext): Promise<Fetched>;
}
