import type { RoomEvent, RoomEvents, RoomStore } from '@parley/redis-scripts';

/** Somebody who watches a room. */
interface Watcher {
  readonly roomId: string;
  /** The last event that was told. */
  afterId: string;
  readonly told: (events: readonly RoomEvent[]) => void;
  readonly ended: () => void;
}

/** A room may end without anybody there to say so: those who watch it look for themselves, once in so many rounds. */
const ROUNDS_BETWEEN_CHECKS = 20;

/** Tells those who watch rooms what happens to them. A gateway that watches none asks Redis nothing. */
export class RoomFeed {
  readonly #watchers = new Set<Watcher>();
  #round = 0;

  constructor(
    private readonly events: RoomEvents,
    private readonly rooms: RoomStore,
  ) {}

  /**
   * Watch a room from an event on. @param ended called when the feed ends, not when the watcher leaves
   * @returns leaves
   */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Look for news of all watched rooms: one question for all who wait for the same. */
  async round(): Promise<void> {
    this.#round += 1;
    const groups = new Map<string, Watcher[]>();
    for (const watcher of this.#watchers) {
      const key = `${watcher.afterId} ${watcher.roomId}`;
      const group = groups.get(key);
      if (group) group.push(watcher);
      else groups.set(key, [watcher]);
    }
    await Promise.all([...groups.values()].map((group) => this.#tell(group)));
  }

  /** The gateway stops: they may come back to another one. */
  endAll(): void {
    for (const watcher of this.#watchers) watcher.ended();
    this.#watchers.clear();
  }

  async #tell(group: readonly Watcher[]): Promise<void> {
    const [first] = group;
    if (!first) return;
    const events = await this.#news(first.roomId, first.afterId);
    const last = events.at(-1);
    if (!last) return;
    for (const watcher of group) {
      watcher.afterId = last.id;
      watcher.told(events);
    }
  }

  async #news(roomId: string, afterId: string): Promise<readonly RoomEvent[]> {
    const events = await this.events.since(roomId, afterId);
    if (events.length > 0 || this.#round % ROUNDS_BETWEEN_CHECKS !== 0) return events;
    if (await this.rooms.get(roomId)) return [];
    return [{ id: afterId, type: 'closed', at: Date.now(), fields: { reason: 'its time is over' } }];
  }
}
