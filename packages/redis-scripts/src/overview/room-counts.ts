import type { RedisConnection } from '../connection/connection.js';
import { noteBatch, type NotedRoom, type NotedState } from './note-batch.js';
import { countRoomsScript } from './scripts.js';

/** Others may note a room for so long after its end, since they saw it before. */
const LATE_MS = 60_000;

/** How many rooms are in which state, and how often one moved. */
export interface RoomNumbers {
  /** Their hosts have yet to open them. */
  readonly placed: number;
  readonly open: number;
  readonly migrating: number;
  /** Since this Redis began. */
  readonly migrations: number;
}

/**
 * How many rooms there are, for operators. Rooms live all over a Cluster, so this is a second write of what their
 * records say: every heartbeat of a host repeats it, and what nobody repeats ends by itself.
 */
export class RoomCounts {
  constructor(private readonly redis: RedisConnection) {}

  /**
   * Note that rooms are in a state. Nothing waits for it, and nothing fails when it does.
   * @param forMs how long that may be believed, unless it is noted again
   */
  note(state: Exclude<NotedState, 'over'>, rooms: readonly NotedRoom[], forMs: number): void {
    this.#add(state, rooms, forMs);
  }

  /** Note that rooms are no more. */
  noteOver(rooms: readonly NotedRoom[]): void {
    this.#add('over', rooms, LATE_MS);
  }

  #add(state: NotedState, rooms: readonly NotedRoom[], forMs: number): void {
    const batch = noteBatch(this.redis);
    for (const room of rooms) batch.add(state, room, forMs);
  }

  /** @throws RedisUnavailableError when Redis cannot be asked right now */
  async read(): Promise<RoomNumbers> {
    const { inState, counts } = this.redis.keys.room;
    const keys = {
      placed: inState('placed'),
      open: inState('open'),
      migrating: inState('migrating'),
      counts: counts(),
    };
    const answer = await this.redis.run(countRoomsScript, { keys, argv: {} });
    const [, placed, open, migrating, migrations] = answer as ['ok', number, number, number, number];
    return { placed, open, migrating, migrations };
  }
}
