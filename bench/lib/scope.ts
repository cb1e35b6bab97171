/** What was opened and must be closed, last opened first. */
export class Scope {
  readonly #closers: (() => unknown)[] = [];

  /** Note how to close something, right after it stands. */
  onClose(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Close everything. Idempotent; one that fails does not keep the rest open. */
  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        process.stderr.write(`closing failed: ${String(error)}\n`);
      }
    }
  }
}
