import { RedisUnavailableError, type Presence, type V1Store } from '@parley/redis-scripts';

/** Redis decides by its own clock; this much later its time has come for sure. */
const SLACK_MS = 15;
const RETRY_MS = 1_000;

interface AbsencesParts {
  readonly store: Pick<V1Store, 'expire'>;
  readonly onPresence: (presence: Presence) => void;
  /** No absence in a room is known of any more. */
  readonly onOver: (roomId: string) => void;
  readonly onDefect: (error: unknown, roomId: string) => void;
}

/** Ends absences when their time is over. All instances that know of one do; the first has an effect. */
export class Absences {
  readonly #timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly atMs: number }>();
  #isClosed = false;

  constructor(private readonly parts: AbsencesParts) {}

  get size(): number {
    return this.#timers.size;
  }

  has(roomId: string): boolean {
    return this.#timers.has(roomId);
  }

  /** Somebody's absence in a room ends in so many ms; the earliest one counts. */
  expect(roomId: string, inMs: number): void {
    if (this.#isClosed) return;
    const atMs = performance.now() + inMs + SLACK_MS;
    const known = this.#timers.get(roomId);
    if (known && known.atMs <= atMs) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => void this.#end(roomId), inMs + SLACK_MS);
    this.#timers.set(roomId, { timer, atMs });
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
  }

  async #end(roomId: string): Promise<void> {
    const { store, onPresence, onOver, onDefect } = this.parts;
    this.#timers.delete(roomId);
    try {
      const { nextMs, presence } = await store.expire(roomId);
      if (presence) onPresence(presence);
      if (nextMs !== undefined) this.expect(roomId, nextMs);
      else if (!this.has(roomId)) onOver(roomId);
    } catch (error) {
      if (error instanceof RedisUnavailableError) this.expect(roomId, RETRY_MS);
      else onDefect(error, roomId);
    }
  }
}
