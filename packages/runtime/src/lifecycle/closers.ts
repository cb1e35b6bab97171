import type { Logger } from '../observe/logger.js';

interface Closer {
  readonly name: string;
  readonly close: () => Promise<void> | void;
}

/** What has to be closed at the end, last opened first. Register each part right after it stands. */
export class Closers {
  readonly #closers: Closer[] = [];

  constructor(private readonly logger: Logger) {}

  add(name: string, close: Closer['close']): void {
    this.#closers.push({ name, close });
  }

  /** Close everything in reverse order. One that fails is logged and does not keep the rest open. */
  async closeAll(): Promise<void> {
    for (let closer = this.#closers.pop(); closer; closer = this.#closers.pop()) {
      try {
        await closer.close();
      } catch (error) {
        this.logger.error({ err: error, part: closer.name }, 'closing failed');
      }
    }
  }
}
