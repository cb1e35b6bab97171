import { setTimeout as delay } from 'node:timers/promises';
import type { Close } from '@parley/protocol';
import type { Connection } from './connection.js';

/** Connections are pinged in this many groups, so that the pings spread over the interval. */
const GROUPS = 8;

/** Closing all: time for each, as long as the whole allows it, and how often some are closed. */
const CLOSE_MS = 1;
const STEP_MS = 10;

/** Open connections of this instance: pinged, counted, and closed together in the end. */
export class Connections {
  readonly #groups = Array.from({ length: GROUPS }, () => new Set<Connection>());
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly pingIntervalMs: number) {}

  get size(): number {
    return this.#groups.reduce((sum, group) => sum + group.size, 0);
  }

  /** The group whose turn is farthest away: the first ping comes about one interval later. */
  add(connection: Connection): void {
    this.#groups[(this.#turn + GROUPS - 1) % GROUPS]?.add(connection);
  }

  delete(connection: Connection): void {
    for (const group of this.#groups) if (group.delete(connection)) return;
  }

  /** Ping each connection once an interval. */
  startPings(): void {
    this.#timer = setInterval(() => {
      for (const connection of this.#groups[this.#turn] ?? []) connection.ping();
      this.#turn = (this.#turn + 1) % GROUPS;
    }, this.pingIntervalMs / GROUPS);
  }

  stopPings(): void {
    clearInterval(this.#timer);
  }

  /**
   * Close all, evenly over a time: those who reconnect elsewhere should not all come at once.
   * @param withinMs longest time; few connections take less
   */
  async closeAll(close: Close, withinMs: number): Promise<void> {
    const all = this.#groups.flatMap((group) => [...group]);
    const takesMs = Math.min(withinMs, all.length * CLOSE_MS);
    const startedAtMs = performance.now();
    for (let closed = 0; closed < all.length;) {
      if (closed > 0) await delay(STEP_MS);
      // By the clock: where the machine is busy steps come late, and what is over by then is over all the same.
      const part = Math.min(1, (performance.now() - startedAtMs + STEP_MS) / takesMs);
      const due = Math.ceil(part * all.length);
      for (const connection of all.slice(closed, due)) connection.close(close);
      closed = due;
    }
  }
}
