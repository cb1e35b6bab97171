import type { GatewayConfig } from '@parley/config';
import { OverviewStore, type RedisConnection } from '@parley/redis-scripts';
import { adminGuard, type Route } from '@parley/runtime';
import { consoleRoute } from '../console/route.js';
import type { EventStreams } from '../event-stream.js';
import { OverviewFeed } from './feed.js';
import { showOverviewRoute } from './show.js';
import { watchOverviewRoute } from './watch.js';

/** What operators see: the overview once, live, and as a page. Whoever asks for this lets the feed go round. */
export function createOperations(
  redis: RedisConnection,
  streams: EventStreams,
  config: Pick<GatewayConfig, 'NODE_ENV' | 'ADMIN_TOKEN'>,
): { readonly routes: readonly Route[]; readonly feed: OverviewFeed } {
  const store = new OverviewStore(redis);
  const feed = new OverviewFeed(store);
  const isAdmin = adminGuard(config);
  return {
    routes: [showOverviewRoute(store, isAdmin), watchOverviewRoute(feed, streams, isAdmin), consoleRoute()],
    feed,
  };
}
