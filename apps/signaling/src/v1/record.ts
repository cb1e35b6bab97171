import type { Gap, RelayedMessage, V1Record } from '@parley/redis-scripts';

/** What is kept of a room whose members are all present here: enough for the seconds until a lost connection is noticed. */
const MAX_MESSAGES = 512;
const MAX_CHARACTERS = 524_288;

/** The last messages of a room that Redis does not have, and up to which ones they are not kept any more. */
export class Record {
  #messages: RelayedMessage[] = [];
  #first = 0;
  #characters = 0;
  readonly #gaps = new Map<string, Gap>();
  #index = 0;

  add(message: RelayedMessage): void {
    this.#messages.push(message);
    this.#characters += message.text.length;
    while (this.#messages.length - this.#first > MAX_MESSAGES || this.#characters > MAX_CHARACTERS)
      this.#drop();
  }

  /** A message is lost on its way to Redis: whoever is or will be here may miss it. */
  addLoss(message: RelayedMessage): void {
    this.#addGap(message, Number.MAX_SAFE_INTEGER);
  }

  get hasGaps(): boolean {
    return this.#gaps.size > 0;
  }

  /** What is kept, to be written out. */
  get content(): V1Record {
    return {
      messages: this.#messages.slice(this.#first),
      gaps: [...this.#gaps.values()],
      index: this.#index,
    };
  }

  /** It is written out. */
  clear(): void {
    this.#messages = [];
    this.#first = this.#characters = 0;
    this.#gaps.clear();
  }

  /** A new record begins. @param index what tells its messages from what those have to get who join later */
  begin(index: number): void {
    this.#index = index;
  }

  #addGap({ from, n, to }: RelayedMessage, index: number): void {
    const before = this.#gaps.get(`${from} ${to ?? '-'}`)?.index ?? 0;
    this.#gaps.set(`${from} ${to ?? '-'}`, {
      from,
      n,
      index: Math.max(before, index),
      ...(to !== undefined && { to }),
    });
  }

  #drop(): void {
    const oldest = this.#messages[this.#first];
    if (!oldest) return;
    this.#characters -= oldest.text.length;
    this.#first += 1;
    this.#addGap(oldest, this.#index);
    // Now and then, so that dropping one costs nothing.
    if (this.#first < MAX_MESSAGES) return;
    this.#messages = this.#messages.slice(this.#first);
    this.#first = 0;
  }
}
