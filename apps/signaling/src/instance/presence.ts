import { RedisUnavailableError, type Presence } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';

const RETRY_MS = 1_000;

/** States of one room that may wait: a pool that cannot keep up hears of the latest. */
const WAITING_MAX = 64;

interface ReporterParts {
  readonly report: (presence: Presence) => Promise<unknown>;
  readonly logger: Logger;
}

/** Whether the same are there: then the later state tells all that the earlier one would. */
function sameMembers(later: Presence, earlier: Presence): boolean {
  const present = new Set(later.members.map(({ memberId }) => memberId));
  return (
    present.size === earlier.members.length && earlier.members.every(({ memberId }) => present.has(memberId))
  );
}

/**
 * Tells the host pool who is in rooms that are bound to a host, after the members were served and without their
 * waiting. The states of a room are told one after the other, and none is left out in which somebody came or left: a
 * client that came for a moment took its lease up. While Redis is away they wait.
 */
export class PresenceReporter {
  readonly #waiting = new Map<string, Presence[]>();
  readonly #underWay = new Set<string>();
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly parts: ReporterParts) {}

  /** Report a room's state soon. */
  add(presence: Presence): void {
    const { roomId } = presence;
    const states = this.#waiting.get(roomId) ?? [];
    this.#waiting.set(roomId, states);
    const last = states.at(-1);
    if (last && last.version > presence.version) return;
    const isLastSent = states.length === 1 && this.#underWay.has(roomId);
    const isTold = last && !isLastSent && (sameMembers(presence, last) || states.length >= WAITING_MAX);
    if (isTold) states.pop();
    states.push(presence);
    setImmediate(() => void this.#tell(roomId));
  }

  /** Report what waits, once. */
  async flush(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((roomId) => this.#tell(roomId)));
  }

  /** Report no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  async #tell(roomId: string): Promise<void> {
    const states = this.#waiting.get(roomId);
    if (!states || this.#isClosed || this.#underWay.has(roomId)) return;
    this.#underWay.add(roomId);
    let isAway = false;
    for (let state = states[0]; state && !isAway; state = states[0]) {
      isAway = !(await this.#report(state));
      if (!isAway) states.shift();
    }
    this.#underWay.delete(roomId);
    if (isAway) this.#retryLater();
    else this.#waiting.delete(roomId);
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      void this.flush();
    }, RETRY_MS);
  }

  /** @returns false while Redis is away */
  async #report(presence: Presence): Promise<boolean> {
    const { report, logger } = this.parts;
    try {
      await report(presence);
    } catch (error) {
      if (error instanceof RedisUnavailableError) return false;
      logger.error({ err: error, roomId: presence.roomId }, 'presence could not be reported');
    }
    return true;
  }
}
