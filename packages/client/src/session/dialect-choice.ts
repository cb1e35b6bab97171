/**
 * Which dialect to offer. Browsers do not connect to a server that knows no subprotocol if one is offered, and do not say
 * why; so every other try goes without, until the server has shown that it knows `parley.v1`.
 */
export class DialectChoice {
  #tries = 0;
  #knowsV1 = false;
  #isPlainLikely = false;
  #offersV1 = false;

  constructor(private readonly isPlainOnly: boolean) {}

  /** Whether the next try offers `parley.v1`. */
  next(): boolean {
    this.#offersV1 = !this.isPlainOnly && (this.#knowsV1 || this.#tries % 2 === 0);
    this.#tries += 1;
    return this.#offersV1;
  }

  /**
   * A connection is open.
   * @param isV1 the server chose `parley.v1`
   * @returns false when it should be tried once more: the server may have been away a moment ago, and know better
   */
  opened(isV1: boolean): boolean {
    this.#knowsV1 ||= isV1;
    const isSure = isV1 || this.#offersV1 || this.isPlainOnly || this.#isPlainLikely;
    this.#isPlainLikely = true;
    return isSure;
  }
}
