import type { Writable } from 'node:stream';

/**
 * Lets several commands leave in one write. ioredis writes each command by itself, and the system call costs more than
 * the command: measured on a match, +26 % throughput and −10 % CPU with this.
 */
export class WriteBatch {
  #isOpen = false;

  /** @param streams those that the connection writes to now; none before it connects */
  constructor(private readonly streams: () => readonly Writable[]) {}

  /** Hold back what is written from here to the end of this turn of the event loop, then send it at once. */
  untilEndOfTurn(): void {
    if (this.#isOpen) return;
    const close = this.#open();
    setImmediate(close);
  }

  /** Hold back what is written while `run` runs, then send it at once. */
  during(run: () => void): void {
    if (this.#isOpen) {
      run();
      return;
    }
    const close = this.#open();
    try {
      run();
    } finally {
      close();
    }
  }

  #open(): () => void {
    this.#isOpen = true;
    // A reconnect meanwhile brings another stream; the old one is gone with what was in it.
    const held = this.streams();
    for (const stream of held) stream.cork();
    return () => {
      this.#isOpen = false;
      for (const stream of held) stream.uncork();
    };
  }
}
