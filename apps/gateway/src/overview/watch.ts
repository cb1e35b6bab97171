import type { ServerResponse } from 'node:http';
import type { Guard, Route } from '@parley/runtime';
import { EVENT_STREAM_HEADERS } from '../event-stream.js';
import type { OverviewFeed, OverviewNews } from './feed.js';

/** A watcher that has not read this much has gone to sleep, and gets the next numbers when it is awake again. */
const BACKLOG_MAX_BYTES = 65_536;

function encode(news: OverviewNews): string {
  return news === 'unavailable'
    ? 'event: unavailable\ndata: {}\n\n'
    : `event: overview\ndata: ${JSON.stringify(news)}\n\n`;
}

/** `GET /api/overview/events`: the overview every second, as server-sent events `overview` or `unavailable`. */
export function watchOverviewRoute(feed: OverviewFeed, guard: Guard): Route {
  function stream(response: ServerResponse): void {
    response.write('retry: 1000\n\n');
    const leave = feed.watch({
      told(news) {
        if (response.writableLength < BACKLOG_MAX_BYTES) response.write(encode(news));
      },
      ended: () => response.end(),
    });
    response.on('close', leave);
  }
  return {
    method: 'GET',
    path: '/api/overview/events',
    docs: {
      summary: 'The overview every second, as server-sent events: overview, unavailable',
      bearer: 'ADMIN_TOKEN',
      problems: ['unauthorized', 'forbidden'],
    },
    handle: (request) => guard(request) ?? { status: 200, headers: EVENT_STREAM_HEADERS, stream },
  };
}
