/** What a client may send before its join is done. */
const MAX_MESSAGES = 512;

/** What came while a join was under way, in order (S1). Bounded: a join takes seconds at most. */
export class EarlyMessages {
  readonly #texts: (string | undefined)[] = [];
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /**
   * Keep a message.
   * @param text undefined for one that is not valid: its answer has to come in turn, too
   * @returns which bound it would break
   */
  add(text: string | undefined): 'kept' | 'too-many' | 'too-large' {
    this.#bytes += text?.length ?? 0;
    if (this.#bytes > this.maxBytes) return 'too-large';
    if (this.#texts.length >= MAX_MESSAGES) return 'too-many';
    this.#texts.push(text);
    return 'kept';
  }

  /** All that were kept, oldest first. */
  take(): (string | undefined)[] {
    return this.#texts.splice(0);
  }
}
