import type { OverviewAnswer } from '@parley/protocol';
import { RedisUnavailableError, type OverviewStore } from '@parley/redis-scripts';
import { overviewOf } from './answer.js';

/** What watchers are told each second: the numbers, or that they cannot be had right now. */
export type OverviewNews = OverviewAnswer | 'unavailable';

/** Somebody who watches. */
interface Watcher {
  readonly told: (news: OverviewNews) => void;
  readonly ended: () => void;
}

/** Tells those who watch the overview; it is read once for all of them, and not at all while nobody watches. */
export class OverviewFeed {
  readonly #watchers = new Set<Watcher>();

  constructor(private readonly store: Pick<OverviewStore, 'read'>) {}

  /** @returns leaves */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Tell everybody how things are now. */
  async round(): Promise<void> {
    if (this.#watchers.size === 0) return;
    const news = await this.#read();
    for (const { told } of this.#watchers) told(news);
  }

  /** The service stops. */
  endAll(): void {
    for (const { ended } of this.#watchers) ended();
    this.#watchers.clear();
  }

  async #read(): Promise<OverviewNews> {
    try {
      return await overviewOf(this.store);
    } catch (error) {
      if (error instanceof RedisUnavailableError) return 'unavailable';
      throw error;
    }
  }
}
