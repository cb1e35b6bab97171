import type { Guard, Route } from '@parley/runtime';
import type { EventStreams } from '../event-stream.js';
import type { OverviewFeed, OverviewNews } from './feed.js';

function encode(news: OverviewNews): string {
  return news === 'unavailable'
    ? 'event: unavailable\ndata: {}\n\n'
    : `event: overview\ndata: ${JSON.stringify(news)}\n\n`;
}

/** `GET /api/overview/events`: the overview every second, as server-sent events `overview` or `unavailable`. */
export function watchOverviewRoute(feed: OverviewFeed, streams: EventStreams, guard: Guard): Route {
  return {
    method: 'GET',
    path: '/api/overview/events',
    docs: {
      summary: 'The overview every second, as server-sent events: overview, unavailable',
      bearer: 'ADMIN_TOKEN',
      problems: ['unauthorized', 'forbidden'],
    },
    handle: (request) =>
      guard(request) ??
      streams.answer(request.ip, (stream) =>
        feed.watch({ told: (news) => stream.write(encode(news)), ended: () => stream.end() }),
      ),
  };
}
