import type { OverviewAnswer } from '@parley/protocol';
import type { OverviewStore } from '@parley/redis-scripts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/**
 * What operators see of everything, as it is now.
 * @throws RedisUnavailableError when Redis cannot be asked right now
 */
export async function overviewOf(store: Pick<OverviewStore, 'read'>): Promise<OverviewAnswer> {
  const { regions, ...rest } = await store.read();
  return {
    at: Date.now(),
    hosts: sum(regions.map(({ hosts }) => hosts)),
    slots: {
      free: sum(regions.map(({ free }) => free.streaming + free.game)),
      leased: sum(regions.map(({ leased }) => leased)),
    },
    regions: [...regions],
    ...rest,
  };
}
