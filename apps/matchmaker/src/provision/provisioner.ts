import type { ProvisionStore } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';
import type { ProvisionMetrics } from './metrics.js';
import type { RegionWatch } from './region-watch.js';

/** Watches all regions while it leads. */
export class Provisioner {
  readonly #stopping = new AbortController();
  #isLeading = false;

  constructor(
    private readonly store: Pick<ProvisionStore, 'lead' | 'resign'>,
    private readonly watches: readonly RegionWatch[],
    private readonly metrics: ProvisionMetrics,
    private readonly logger: Logger,
  ) {
    metrics.leads(false);
  }

  /** Lead if nobody else does, and begin to look at every region. @throws RedisUnavailableError */
  async round(): Promise<void> {
    const term = await this.store.lead().catch((error: unknown) => {
      this.#leads(undefined);
      throw error;
    });
    this.#leads(term);
    if (term === undefined) {
      await Promise.all(this.watches.map((watch) => watch.follow()));
      return;
    }
    for (const watch of this.watches) watch.look(term, this.#stopping.signal);
  }

  /** End what is under way, and let another lead at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.watches.map((watch) => watch.idle()));
    await this.store.resign().catch(() => undefined);
  }

  #leads(term: string | undefined): void {
    const isLeading = term !== undefined;
    this.metrics.leads(isLeading);
    if (!isLeading) for (const watch of this.watches) watch.forget();
    if (isLeading !== this.#isLeading) this.logger.info({ leads: isLeading, term }, 'provisioner changed');
    this.#isLeading = isLeading;
  }
}
