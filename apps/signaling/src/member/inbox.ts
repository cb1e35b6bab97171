/** What a client may send before its join is done. */
const MAX_MESSAGES = 512;

/** One frame: its text in UTF-8, or undefined for a binary one, whose refusal has to come in turn, too. */
export type Frame = Buffer | undefined;

/** Frames that wait for their turn, in order (S1): until the join is done, or a limit has decided. */
export class Inbox {
  #frames: Frame[] = [];
  #next = 0;
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get length(): number {
    return this.#frames.length - this.#next;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Which bound is broken by what waits. */
  get excess(): 'none' | 'messages' | 'bytes' {
    if (this.#bytes > this.maxBytes) return 'bytes';
    return this.length > MAX_MESSAGES ? 'messages' : 'none';
  }

  add(frame: Frame): void {
    this.#bytes += frame?.length ?? 0;
    this.#frames.push(frame);
  }

  /** The oldest frame; there must be one. */
  take(): Frame {
    const frame = this.#frames[this.#next];
    this.#frames[this.#next++] = undefined;
    this.#bytes -= frame?.length ?? 0;
    if (this.isEmpty) {
      this.#frames = [];
      this.#next = 0;
    }
    return frame;
  }
}
