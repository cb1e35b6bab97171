/** Open at first; whoever passes while it is closed waits until it is open again. */
export class Gate {
  #opened: Promise<void> | undefined;
  #release: () => void = () => {};

  close(): void {
    this.#opened ??= new Promise((resolve) => (this.#release = resolve));
  }

  open(): void {
    this.#opened = undefined;
    this.#release();
  }

  async pass(): Promise<void> {
    // It may have been closed again by the time that a waiter goes on.
    while (this.#opened !== undefined) await this.#opened;
  }
}
