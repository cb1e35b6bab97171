import type { Writable } from 'node:stream';

/**
 * Lets the commands of one turn of the event loop leave in one write. ioredis writes each command by itself, and the
 * system call costs more than the command: measured on a match, +26 % throughput and −10 % CPU with this.
 */
export class WriteBatch {
  #held: Writable | undefined;

  /** @param stream the connection's current stream; undefined before it connects, and on a Cluster */
  constructor(private readonly stream: () => Writable | undefined) {}

  /** Hold back what is written from here to the end of this turn, then send it at once. */
  open(): void {
    const stream = this.stream();
    // A reconnect in this turn brings another stream; the old one is gone with what was in it.
    if (stream === undefined || stream === this.#held) return;
    this.#held = stream;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      if (this.#held === stream) this.#held = undefined;
    });
  }
}
