import type { RelayedMessage } from '@parley/redis-scripts';

/** A failover loses what was written in its last moments. */
const MAX_MESSAGES = 64;
const MAX_CHARACTERS = 65_536;

/** What Redis was told last of a room's messages: after a failover it is told again. */
export class Recent {
  /** Redis was away since it was told. */
  isDoubtful = false;
  #messages: RelayedMessage[] = [];
  #characters = 0;

  get all(): readonly RelayedMessage[] {
    return this.#messages;
  }

  /** Somebody has joined, for whom these are not. */
  clear(): void {
    this.#messages = [];
    this.#characters = 0;
  }

  /** Redis has answered that it has these, and all before. */
  add(messages: readonly RelayedMessage[]): void {
    this.isDoubtful = false;
    for (const message of messages) {
      this.#messages.push(message);
      this.#characters += message.text.length;
    }
    let first = 0;
    while (this.#messages.length - first > MAX_MESSAGES || this.#characters > MAX_CHARACTERS) {
      this.#characters -= this.#messages[first]?.text.length ?? 0;
      first += 1;
    }
    if (first > 0) this.#messages.splice(0, first);
  }
}
