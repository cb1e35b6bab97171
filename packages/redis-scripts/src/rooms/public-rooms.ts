import type { RedisConnection } from '../connection/connection.js';
import type { RoomStore } from './store.js';
import type { Room } from './types.js';

/** A page of public rooms. */
export interface RoomPage {
  readonly rooms: readonly Room[];
  /** Where the next page begins; undefined after the last one. */
  readonly cursor?: string;
}

/** Which rooms are listed. */
export interface RoomFilter {
  readonly region?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Whether a room is wanted. Where few are, a page may be short of its limit, and still have a cursor. */
  readonly wants: (room: Room) => boolean;
}

/** Entries that one page reads at most for each room that it may hold: what nobody wants is not read for ever. */
const READS_PER_ROOM = 5;

/** An entry whose room is not there may be one whose record is just being written. */
const STALE_MS = 60_000;

/** Digits of a time in entries, which sort by it: enough until the year 33658. */
const TIME_DIGITS = 15;

/** Its time, its name, and its region, which may have spaces. */
const ENTRY = /^\d{15} [A-Za-z0-9_\-:.]+ [^\p{Cc}]+$/u;

type Listed = Pick<Room, 'roomId' | 'region' | 'createdAtMs'>;

const encode = ({ roomId, region, createdAtMs }: Listed) =>
  `${String(createdAtMs).padStart(TIME_DIGITS, '0')} ${roomId} ${region}`;

function decode(entry: string): Listed {
  const [createdAt = '', roomId = '', ...region] = entry.split(' ');
  return { createdAtMs: Number(createdAt), roomId, region: region.join(' ') };
}

/** The list of public rooms, newest first. A page costs O(log rooms + page), whatever is listed besides. */
export class PublicRooms {
  #sweptTo = '-';

  constructor(
    private readonly redis: RedisConnection,
    private readonly rooms: Pick<RoomStore, 'get'>,
  ) {}

  /** Whether a text has the form of an entry, as cursors have. */
  static isEntry(text: string): boolean {
    return ENTRY.test(text);
  }

  /** List a room, or list it no more, as it is public or not. Idempotent. */
  async update(room: Listed & Pick<Room, 'visibility'>): Promise<void> {
    const entry = encode(room);
    if (room.visibility === 'private') return this.#remove(entry);
    await Promise.all(this.#keysOf(entry).map((key) => this.#command('list', (c) => c.zadd(key, 0, entry))));
  }

  /** A room is over. */
  async remove(room: Listed): Promise<void> {
    await this.#remove(encode(room));
  }

  async page({ region, limit, cursor, wants }: RoomFilter): Promise<RoomPage> {
    const { public: all, publicIn } = this.redis.keys.room;
    const key = region === undefined ? all() : publicIn(region);
    const rooms: Room[] = [];
    let after = cursor;
    for (let reads = 0; reads < READS_PER_ROOM; reads++) {
      const from = after === undefined ? '+' : `(${after}`;
      const entries = await this.#command('page', (c) => c.zrevrangebylex(key, from, '-', 'LIMIT', 0, limit));
      const found = await Promise.all(entries.map((entry) => this.#read(entry)));
      for (const [at, entry] of entries.entries()) {
        const room = found[at];
        after = entry;
        if (room && wants(room)) rooms.push(room);
        if (rooms.length === limit) return { rooms, cursor: after };
      }
      if (entries.length < limit) return { rooms };
    }
    return { rooms, ...(after !== undefined && { cursor: after }) };
  }

  /** Look at a few entries more, and forget those whose rooms are over: they may end without anybody there to see. */
  async sweep(count: number): Promise<void> {
    const key = this.redis.keys.room.public();
    const from = this.#sweptTo;
    const entries = await this.#command('sweep', (c) => c.zrangebylex(key, from, '+', 'LIMIT', 0, count));
    await Promise.all(entries.map((entry) => this.#read(entry)));
    const last = entries.at(-1);
    this.#sweptTo = last === undefined || entries.length < count ? '-' : `(${last}`;
  }

  /** The room of an entry. An entry that is not true any more is put right. */
  async #read(entry: string): Promise<Room | undefined> {
    const listed = decode(entry);
    const room = await this.rooms.get(listed.roomId);
    const isTrue = room?.visibility === 'public' && room.createdAtMs === listed.createdAtMs;
    if (isTrue && room.region === listed.region) return room;
    if (isTrue) await Promise.all([this.#remove(entry), this.update(room)]);
    else if (listed.createdAtMs + STALE_MS < Date.now()) await this.#remove(entry);
    return isTrue ? room : undefined;
  }

  async #remove(entry: string): Promise<void> {
    await Promise.all(this.#keysOf(entry).map((key) => this.#command('unlist', (c) => c.zrem(key, entry))));
  }

  #keysOf(entry: string): string[] {
    const { public: all, publicIn } = this.redis.keys.room;
    return [all(), publicIn(decode(entry).region)];
  }

  #command<T>(name: string, send: Parameters<typeof this.redis.command<T>>[1]): Promise<T> {
    return this.redis.command(`gateway-public-${name}`, send);
  }
}
