/** The highest number that came from each sender: what a resume tells the server. */
export class Seen {
  readonly #numbers = new Map<string, number>();

  note({ from, seq }: { readonly from?: string | undefined; readonly seq?: number | undefined }): void {
    if (from === undefined || seq === undefined) return;
    if (seq > (this.#numbers.get(from) ?? 0)) this.#numbers.set(from, seq);
  }

  /** This member sends nothing any more. */
  forget(memberId: string): void {
    this.#numbers.delete(memberId);
  }

  clear(): void {
    this.#numbers.clear();
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#numbers);
  }
}
