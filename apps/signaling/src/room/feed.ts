import { decodeEntry, entrySeq, isOwnMessages, type Entry, type RelayedMessage } from '@parley/redis-scripts';

/** Most entries that wait while the feed is paused; the room's log has them too. */
const WAITING_MAX = 1_000;

/** Whose entries they are. */
export interface FeedOwner {
  readonly instanceId: string;
  apply(entry: Entry): void;
  /** An entry is missing: the feed pauses itself until `catchUp`. */
  onGap(): void;
}

/** A room's entries in the order of their numbers, each once, whatever the subscription loses or repeats. */
export class Feed {
  #seen: number | undefined;
  #isPaused = true;
  #waiting: string[] | undefined;
  #recorded: string[] | undefined;

  constructor(private readonly owner: FeedOwner) {}

  /** Number of the last entry that was applied; undefined before the first join. */
  get seen(): number | undefined {
    return this.#seen;
  }

  /** An entry came through the channel. */
  take(text: string): void {
    if (this.#isPaused) {
      this.#wait(text);
      return;
    }
    const seq = entrySeq(text);
    const seen = this.#seen ?? 0;
    if (seq <= seen) return;
    if (seq === seen + 1) return this.#apply(seq, text);
    this.#isPaused = true;
    this.#wait(text);
    this.owner.onGap();
  }

  /** Messages that came before the first join, which is not to follow now. */
  unheard(): RelayedMessage[] {
    if (this.#seen !== undefined) return [];
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting.map(decodeEntry).flatMap((entry) => (entry.kind === 'messages' ? entry.messages : []));
  }

  /** Let entries wait. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Begin after an entry, or go on there; what waited follows. */
  resume(seq: number): void {
    this.#seen = seq;
    this.#isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const text of waiting ?? []) this.take(text);
  }

  /**
   * Apply entries from the log.
   * @param seq number of the last one
   * @param before is told of each message right before its entry is applied
   * @returns whether they close the gap
   */
  catchUp(entries: readonly string[], seq: number, before?: (message: RelayedMessage) => void): boolean {
    let isWhole = true;
    for (const text of entries) {
      const number = entrySeq(text);
      const seen = this.#seen ?? 0;
      if (number <= seen) continue;
      isWhole &&= number === seen + 1;
      const entry = decodeEntry(text);
      if (before && entry.kind === 'messages') entry.messages.forEach(before);
      this.#apply(number, text);
    }
    return isWhole && this.#seen === seq;
  }

  /** Keep what is applied from now on: a member whose join is under way may have been meant too. */
  record(): void {
    this.#recorded = [];
  }

  /** What was applied since `record`. */
  recorded(): Entry[] {
    const recorded = this.#recorded ?? [];
    this.#recorded = undefined;
    return recorded.map(decodeEntry);
  }

  #wait(text: string): void {
    if (this.#waiting && this.#waiting.length < WAITING_MAX) this.#waiting.push(text);
    else this.#waiting = [text];
  }

  #apply(seq: number, text: string): void {
    this.#seen = seq;
    if (isOwnMessages(text, this.owner.instanceId)) return;
    this.#recorded?.push(text);
    this.owner.apply(decodeEntry(text));
  }
}
