/** Events by name, with what their listeners are given. Listeners of one event are called in the order they came. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Listen to an event. @returns stops listening */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(listener));
    return () => void all.delete(listener);
  }

  /** Listen to the next one only. @returns stops listening */
  once<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const off = this.on(name, (event) => {
      off();
      listener(event);
    });
    return off;
  }

  /** A listener that throws does so by itself, as with DOM events: the others are still called. */
  protected emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of Array.from(this.#listeners.get(name) ?? [])) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Forget all listeners. */
  protected removeListeners(): void {
    this.#listeners.clear();
  }
}
