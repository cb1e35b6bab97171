import {
  BEFORE_ALL,
  isEventId,
  type RoomEvent,
  type RoomEvents,
  type RoomStore,
} from '@parley/redis-scripts';
import type { Reply, Route } from '@parley/runtime';
import { EVENT_STREAM_HEADERS } from '../event-stream.js';
import type { RoomFeed } from './feed.js';
import { roomNotFound } from './not-found.js';

/** A proxy takes a connection on which nothing is said for long for dead. */
const COMMENT_INTERVAL_MS = 15_000;

/** An event as it is sent (HTML Living Standard, "Server-sent events"). */
function encode({ id, type, at, fields: { address, ...fields } }: RoomEvent): string {
  const data = JSON.stringify({ at, ...fields, ...(address && { serverAddress: address }) });
  return `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
}

/**
 * `GET /api/rooms/:roomId/events` (contract §3): what happens to a room as server-sent events, from the first one that
 * is kept, or after `Last-Event-ID`. The stream ends after `closed`.
 */
export function watchRoomRoute(rooms: RoomStore, events: RoomEvents, feed: RoomFeed): Route {
  function stream(roomId: string, afterId: string): NonNullable<Reply['stream']> {
    return (response) => {
      // Sent at once, so that the client sees the connection stand.
      response.write('retry: 1000\n\n');
      const comments = setInterval(() => response.write(':\n\n'), COMMENT_INTERVAL_MS);
      const leave = feed.watch({
        roomId,
        afterId,
        told(news) {
          response.write(news.map(encode).join(''));
          if (news.at(-1)?.type === 'closed') response.end();
        },
        ended: () => response.end(),
      });
      response.on('close', () => {
        clearInterval(comments);
        leave();
      });
    };
  }

  return {
    method: 'GET',
    path: '/api/rooms/:roomId/events',
    docs: {
      summary: 'What happens to a room, as server-sent events: assigned, migrating, migrated, closed',
      problems: ['room_not_found'],
    },
    async handle({ params, headers }) {
      const roomId = params['roomId'] ?? '';
      const given = headers['last-event-id'];
      const afterId = typeof given === 'string' && isEventId(given) ? given : BEFORE_ALL;
      const isKnown = (await rooms.get(roomId)) ?? (await events.since(roomId, afterId))[0];
      return isKnown
        ? { status: 200, headers: EVENT_STREAM_HEADERS, stream: stream(roomId, afterId) }
        : roomNotFound();
    },
  };
}
