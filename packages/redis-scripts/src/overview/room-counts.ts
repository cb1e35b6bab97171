import type { RedisConnection } from '../connection/connection.js';
import { countRoomsScript, noteRoomsScript } from './scripts.js';

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
  note(state: 'placed' | 'open' | 'migrating' | 'over', roomIds: readonly string[], forMs = 0): void {
    if (roomIds.length === 0) return;
    const argv = { state, untilMs: Math.max(0, Math.ceil(forMs)) };
    this.redis.run(noteRoomsScript, { keys: this.#keys(), argv, rest: roomIds }).catch(() => undefined);
  }

  /** @throws RedisUnavailableError when Redis cannot be asked right now */
  async read(): Promise<RoomNumbers> {
    const [, placed, open, migrating, migrations] = (await this.redis.run(countRoomsScript, {
      keys: this.#keys(),
      argv: {},
    })) as ['ok', number, number, number, number];
    return { placed, open, migrating, migrations };
  }

  #keys() {
    const { inState, counts } = this.redis.keys.room;
    return {
      placed: inState('placed'),
      open: inState('open'),
      migrating: inState('migrating'),
      counts: counts(),
    };
  }
}
