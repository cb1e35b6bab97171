import type { Room, RoomEvent, RoomEvents, RoomStore } from '@parley/redis-scripts';
import type { Route, RouteRequest } from '@parley/runtime';
import type { EventStreams } from '../event-stream.js';
import type { Sights } from '../users/sight.js';
import { beginAfter } from './event-start.js';
import type { RoomFeed } from './feed.js';
import { roomNotFound } from './not-found.js';

/** What each of the events looks like to somebody (HTML Living Standard, "Server-sent events"). */
function encode({ id, type, at, fields: { address, ...fields } }: RoomEvent, isInside: boolean): string {
  const { hostId, ...rest } = fields;
  const connection = isInside ? { hostId, ...(address && { serverAddress: address }) } : {};
  const data = JSON.stringify({ at, ...rest, ...connection });
  return `${id === '' ? '' : `id: ${id}\n`}event: ${type}\ndata: ${data}\n\n`;
}

/** Browsers' `EventSource` sends no headers: here a token may be in the query, as in signaling. */
function withQueryToken({ headers, query }: RouteRequest): Pick<RouteRequest, 'headers'> {
  const token = query.get('token');
  if (headers.authorization !== undefined || token === null) return { headers };
  return { headers: { ...headers, authorization: `Bearer ${token}` } };
}

interface WatchParts {
  readonly rooms: RoomStore;
  readonly events: RoomEvents;
  readonly feed: RoomFeed;
  readonly streams: EventStreams;
  readonly sights: Sights;
}

/**
 * `GET /api/rooms/:roomId/events` (contract §3): what happens to a room as server-sent events, from the first one that
 * is kept, or after `Last-Event-ID`. Where none is kept, the first one says how the room is now. The stream ends after
 * `closed`.
 */
export function watchRoomRoute({ rooms, events, feed, streams, sights }: WatchParts): Route {
  function watch(ip: string, roomId: string, isInside: boolean, begin: ReturnType<typeof beginAfter>) {
    return streams.answer(ip, (stream) => {
      if (begin.first) stream.write(encode(begin.first, isInside));
      return feed.watch({
        roomId,
        afterId: begin.afterId,
        told(news) {
          stream.write(news.map((event) => encode(event, isInside)).join(''));
          if (news.at(-1)?.type === 'closed') stream.end();
        },
        ended: () => stream.end(),
      });
    });
  }

  return {
    method: 'GET',
    path: '/api/rooms/:roomId/events',
    docs: {
      summary:
        'What happens to a room, as server-sent events: assigned, migrating, migrated, closed; ?token=',
      problems: ['room_not_found', 'unauthorized', 'auth_unavailable'],
    },
    async handle(request) {
      const roomId = request.params['roomId'] ?? '';
      const room: Room | undefined = await rooms.get(roomId);
      const sight = await sights(withQueryToken(request), roomId, room);
      if ('refused' in sight) return sight.refused;
      const kept = await events.kept(roomId);
      if (!room && kept.length === 0) return roomNotFound();
      const begin = beginAfter(request.headers['last-event-id'], kept, room);
      return watch(request.ip, roomId, sight.from === 'inside', begin);
    },
  };
}
