import { RedisUnavailableError, type Presence } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';

const RETRY_MS = 1_000;

interface ReporterParts {
  readonly report: (presence: Presence) => Promise<unknown>;
  readonly logger: Logger;
}

/**
 * Tells the host pool who is in rooms that are bound to a host, after the members were served and without their
 * waiting. Only the latest state of a room matters; while Redis is away it waits.
 */
export class PresenceReporter {
  readonly #latest = new Map<string, Presence>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly parts: ReporterParts) {}

  /** Report a room's state soon. */
  add(presence: Presence): void {
    const known = this.#latest.get(presence.roomId);
    if (!known || known.version <= presence.version) this.#latest.set(presence.roomId, presence);
    this.#scheduleAfter(0);
  }

  /** Report what waits, once. */
  async flush(): Promise<void> {
    const waiting = [...this.#latest.values()];
    await Promise.all(waiting.map((presence) => this.#report(presence)));
  }

  /** Report no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #scheduleAfter(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush().then(() => this.#latest.size > 0 && this.#scheduleAfter(RETRY_MS));
    }, delayMs);
  }

  async #report(presence: Presence): Promise<void> {
    const { report, logger } = this.parts;
    try {
      await report(presence);
    } catch (error) {
      if (error instanceof RedisUnavailableError) return;
      logger.error({ err: error, roomId: presence.roomId }, 'presence could not be reported');
    }
    if (this.#latest.get(presence.roomId) === presence) this.#latest.delete(presence.roomId);
  }
}
