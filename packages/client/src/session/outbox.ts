/** How much of what was sent is kept, for a connection that is lost or not there yet. */
export interface OutboxLimits {
  /** Default 256. */
  readonly maxMessages?: number;
  /** Of all together, UTF-16 units. Default 1048576. */
  readonly maxChars?: number;
}

/** A message on its way. */
interface Entry {
  readonly message: object;
  /** Its JSON, without the number. */
  readonly text: string;
  seq: number;
  /** It was written to a connection; whether the server took it is another matter. */
  isWritten: boolean;
}

/**
 * Messages in their order and with their numbers: those that wait for a connection, and those that were written to one
 * and might have to be written again (S3: their number tells the server which ones it has). Bounded: what waits is
 * refused at the limit, what was written is forgotten, oldest first.
 */
export class Outbox {
  readonly #maxMessages: number;
  readonly #maxChars: number;
  #entries: Entry[] = [];
  #chars = 0;
  #next = 1;
  #forgotten = 0;

  constructor({ maxMessages = 256, maxChars = 1_048_576 }: OutboxLimits = {}) {
    this.#maxMessages = maxMessages;
    this.#maxChars = maxChars;
  }

  /** Take a message in. @returns false when too much waits already */
  add(message: object): boolean {
    const text = JSON.stringify(message);
    // One that never fits must not push out those that do.
    if (text.length > this.#maxChars) return false;
    while (this.#entries.length >= this.#maxMessages || this.#chars + text.length > this.#maxChars) {
      const [oldest] = this.#entries;
      if (!oldest?.isWritten) return false;
      this.#forgotten = oldest.seq;
      this.#forgetFirst(1);
    }
    this.#entries.push({ message, text, seq: this.#next, isWritten: false });
    this.#next += 1;
    this.#chars += text.length;
    return true;
  }

  /** Write what waits, in order. @param isNumbered whether the server keeps track; if not, nothing written is kept */
  flush(write: (text: string) => void, isNumbered: boolean): void {
    const waiting = this.#entries.filter(({ isWritten }) => !isWritten);
    for (const entry of waiting) {
      entry.isWritten = true;
      write(isNumbered ? `${entry.text.slice(0, -1)},"seq":${entry.seq}}` : entry.text);
    }
    if (!isNumbered) this.#forgetFirst(this.#entries.length);
  }

  /** Whether what was written fills half of the room: time to ask what the server has. */
  get isHalfFull(): boolean {
    return this.#entries.length * 2 >= this.#maxMessages || this.#chars * 2 >= this.#maxChars;
  }

  /** The server has all up to this number. */
  taken(seq: number): void {
    this.#forgetFirst(this.#entries.filter((entry) => entry.isWritten && entry.seq <= seq).length);
  }

  /** The server will not have the one with this number. @returns it, unless it is forgotten */
  refused(seq: number | undefined): object | undefined {
    const index = this.#entries.findIndex((entry) => entry.isWritten && entry.seq === seq);
    if (index < 0) return undefined;
    const [entry] = this.#entries.splice(index, 1);
    this.#chars -= entry?.text.length ?? 0;
    return entry?.message;
  }

  /**
   * The same member goes on with a new connection: what the server did not take is written again.
   * @param received number of the last one that it took
   * @returns false when some of that is forgotten
   */
  resume(received: number): boolean {
    this.taken(received);
    for (const entry of this.#entries) entry.isWritten = false;
    return received >= this.#forgotten;
  }

  /**
   * The same member goes on, and the server cannot tell what it took: only what was never written goes out.
   * @returns what may have been taken, and is not written again
   */
  giveUpWritten(): object[] {
    const written = this.#entries.filter(({ isWritten }) => isWritten);
    this.#forgetFirst(written.length);
    return written.map(({ message }) => message);
  }

  /**
   * Another member goes on: its numbers begin at 1.
   * @param again write everything again, since nothing can have been taken
   * @returns what may have been taken, and is not written again
   */
  restart(again: boolean): object[] {
    const written = again ? [] : this.giveUpWritten();
    for (const [index, entry] of this.#entries.entries())
      Object.assign(entry, { seq: index + 1, isWritten: false });
    this.#next = this.#entries.length + 1;
    this.#forgotten = 0;
    return written;
  }

  #forgetFirst(count: number): void {
    for (const { text } of this.#entries.splice(0, count)) this.#chars -= text.length;
  }
}
