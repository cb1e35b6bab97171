import type { Duplex } from 'node:stream';

/**
 * Lets all that is sent to a connection in one turn of the event loop leave in one write: a burst of candidates costs
 * one system call instead of one each.
 */
export class Outflow {
  #corked: Duplex[] = [];

  /** Hold back what is written to a stream until the end of this turn; once a turn for each. */
  cork(stream: Duplex): void {
    if (stream.writableCorked > 0) return;
    stream.cork();
    if (this.#corked.push(stream) === 1) process.nextTick(() => this.#uncorkAll());
  }

  #uncorkAll(): void {
    const corked = this.#corked;
    this.#corked = [];
    for (const stream of corked) stream.uncork();
  }
}
