import type { RedisConnection } from '../connection/connection.js';
import { noteRoomsScript } from './scripts.js';

/** What is noted of a room; `over`: it is no more. */
export type NotedState = 'placed' | 'open' | 'migrating' | 'over';

/** Notes wait for so long, so that many leave together: operators look once a second. */
const WAIT_MS = 50;

/** Most rooms of one script: Lua passes them as arguments. */
const ROOMS_MAX = 500;

interface Group {
  readonly state: NotedState;
  readonly forMs: number;
  readonly roomIds: string[];
}

/** Notes of one connection on their way to Redis, in the order of each room's. Nothing fails when they get lost. */
class NoteBatch {
  #groups = new Map<string, Group>();
  #stateOf = new Map<string, NotedState>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly redis: RedisConnection) {}

  add(state: NotedState, roomId: string, forMs: number): void {
    const before = this.#stateOf.get(roomId);
    if (before === state) return;
    if (before !== undefined || this.#stateOf.size >= ROOMS_MAX) this.#flush();
    const key = `${state} ${forMs}`;
    const group = this.#groups.get(key);
    if (group) group.roomIds.push(roomId);
    else this.#groups.set(key, { state, forMs, roomIds: [roomId] });
    this.#stateOf.set(roomId, state);
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
      counts: room.counts(),
    };
    for (const { state, forMs, roomIds } of this.#groups.values()) {
      this.redis.run(noteRoomsScript, { keys, argv: { state, forMs }, rest: roomIds }).catch(() => undefined);
    }
    this.#groups.clear();
    this.#stateOf.clear();
  }
}

const batches = new WeakMap<RedisConnection, NoteBatch>();

/** The batch of a connection. */
export function noteBatch(redis: RedisConnection): NoteBatch {
  let batch = batches.get(redis);
  if (!batch) batches.set(redis, (batch = new NoteBatch(redis)));
  return batch;
}
