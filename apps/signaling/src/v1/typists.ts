/** Who says no more is not typing any more. */
const TYPING_MS = 6_000;

/** A client may say so with every key; other instances hear of it this often. */
const REPEAT_MS = 2_000;

/** Who types in a room right now. */
export class Typists {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #toldAtMs = new Map<string, number>();

  /** @param onEnd a member said nothing more for too long */
  constructor(private readonly onEnd: (memberId: string) => void) {}

  /** @returns whether that is news */
  start(memberId: string): boolean {
    const isNews = !this.#timers.has(memberId);
    clearTimeout(this.#timers.get(memberId));
    this.#timers.set(
      memberId,
      setTimeout(() => {
        this.stop(memberId);
        this.onEnd(memberId);
      }, TYPING_MS).unref(),
    );
    return isNews;
  }

  /** @returns whether that is news */
  stop(memberId: string): boolean {
    clearTimeout(this.#timers.get(memberId));
    this.#toldAtMs.delete(memberId);
    return this.#timers.delete(memberId);
  }

  /** Whether other instances should be told again that somebody types. */
  isToBeTold(memberId: string): boolean {
    const now = performance.now();
    const isDue = now - (this.#toldAtMs.get(memberId) ?? -Infinity) >= REPEAT_MS;
    if (isDue) this.#toldAtMs.set(memberId, now);
    return isDue;
  }

  /** Nobody is here to be told any more. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
