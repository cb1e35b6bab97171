import type { RedisConnection } from '../connection/connection.js';
import { noteRoomsScript } from './scripts.js';

/** What is noted of a room; `over`: it is no more. */
export type NotedState = 'placed' | 'open' | 'migrating' | 'over';

/** Notes wait for so long, so that many leave together: operators look once a second. */
const WAIT_MS = 50;

/** Most rooms of one script: Lua passes them as arguments. */
const ROOMS_MAX = 500;

/** A room, and how often it changed hosts, as its record knows it. */
export interface NotedRoom {
  readonly roomId: string;
  readonly moves: number;
}

interface Group {
  readonly state: NotedState;
  readonly forMs: number;
  readonly rooms: NotedRoom[];
}

/** Notes of one connection on their way to Redis, in the order of each room's. Nothing fails when they get lost. */
class NoteBatch {
  #groups = new Map<string, Group>();
  #notedOf = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly redis: RedisConnection) {}

  add(state: NotedState, room: NotedRoom, forMs: number): void {
    const noted = `${state} ${room.moves}`;
    const before = this.#notedOf.get(room.roomId);
    if (before === noted) return;
    if (before !== undefined || this.#notedOf.size >= ROOMS_MAX) this.#flush();
    const key = `${state} ${forMs}`;
    const group = this.#groups.get(key);
    if (group) group.rooms.push(room);
    else this.#groups.set(key, { state, forMs, rooms: [room] });
    this.#notedOf.set(room.roomId, noted);
    this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { room } = this.redis.keys;
    const keys = {
      placed: room.inState('placed'),
      open: room.inState('open'),
      migrating: room.inState('migrating'),
      over: room.over(),
      moves: room.moves(),
      counts: room.counts(),
    };
    for (const { state, forMs, rooms } of this.#groups.values()) {
      const rest = rooms.flatMap(({ roomId, moves }) => [roomId, moves]);
      this.redis.run(noteRoomsScript, { keys, argv: { state, forMs }, rest }).catch(() => undefined);
    }
    this.#groups.clear();
    this.#notedOf.clear();
  }
}

const batches = new WeakMap<RedisConnection, NoteBatch>();

/** The batch of a connection. */
export function noteBatch(redis: RedisConnection): NoteBatch {
  let batch = batches.get(redis);
  if (!batch) batches.set(redis, (batch = new NoteBatch(redis)));
  return batch;
}
