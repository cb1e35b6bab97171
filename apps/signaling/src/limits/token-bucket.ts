/** A bucket of tokens that fills evenly and loses no fraction: so many at once, and as many again in a window. */
export class TokenBucket {
  #tokens: number;
  #filledAtMs = performance.now();

  constructor(
    private readonly capacity: number,
    private readonly windowMs: number,
  ) {
    this.#tokens = capacity;
  }

  /** Take one token. @returns whether there was one */
  take(): boolean {
    if (this.#tokens < this.capacity) {
      const now = performance.now();
      const filled = ((now - this.#filledAtMs) * this.capacity) / this.windowMs;
      this.#tokens = Math.min(this.capacity, this.#tokens + filled);
      this.#filledAtMs = now;
    } else {
      this.#filledAtMs = performance.now();
    }
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
