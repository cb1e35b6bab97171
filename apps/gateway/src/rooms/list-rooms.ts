import { region, roomListAnswer } from '@parley/protocol';
import { PublicRooms, type Room } from '@parley/redis-scripts';
import { invalidReply, reply, type Route } from '@parley/runtime';
import { z } from 'zod';
import { aboutRoom } from './answer.js';

const PAGE_MAX = 100;
const PAGE_DEFAULT = 50;

const encodeCursor = (entry: string) => Buffer.from(entry).toString('base64url');

/** What a cursor stands for: an entry of the list, in URL-safe letters. Any other text is not one that we gave out. */
const cursor = z
  .string()
  .max(400)
  .transform((text, context) => {
    const entry = Buffer.from(text, 'base64url').toString('utf8');
    if (encodeCursor(entry) === text && PublicRooms.isEntry(entry)) return entry;
    context.addIssue({ code: 'custom', message: 'is not one that this list gave out' });
    return z.NEVER;
  });

const query = z.object({
  region: region.optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  cursor: cursor.optional(),
});

const METADATA_PREFIX = 'metadata.';

/** `metadata.mode=ffa` wants rooms whose metadata has `mode` of that value; numbers and flags are compared as text. */
function metadataFilter(asked: URLSearchParams): (room: Room) => boolean {
  const wanted = [...asked].filter(([name]) => name.startsWith(METADATA_PREFIX));
  return ({ metadata }) =>
    wanted.every(([name, text]) => {
      const key = name.slice(METADATA_PREFIX.length);
      const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
      return ['string', 'number', 'boolean'].includes(typeof value) && String(value) === text;
    });
}

/** `GET /api/rooms?region=&cursor=&limit=&metadata.KEY=` (contract §3): public rooms, newest first, a page at a time. */
export function listRoomsRoute(publicRooms: PublicRooms): Route {
  return {
    method: 'GET',
    path: '/api/rooms',
    docs: {
      summary: 'Public rooms, newest first; ?region=, ?limit=, ?cursor=, ?metadata.KEY=VALUE',
      answer: roomListAnswer,
      problems: ['validation_failed'],
    },
    async handle({ query: asked }) {
      const parsed = query.safeParse(Object.fromEntries(asked));
      if (!parsed.success) return invalidReply(parsed.error);
      const page = await publicRooms.page({ ...parsed.data, wants: metadataFilter(asked) });
      const next = page.cursor && encodeCursor(page.cursor);
      return reply(200, { rooms: page.rooms.map(aboutRoom), ...(next && { cursor: next }) });
    },
  };
}
