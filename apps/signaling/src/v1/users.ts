/** Which users the members of a room are, where their tokens name one. */
export class Users {
  readonly #userOf = new Map<string, string>();

  /** @returns whether the user has come with that */
  add(memberId: string, userId: string | undefined): boolean {
    if (userId === undefined || this.#userOf.get(memberId) === userId) return false;
    const isFirst = !this.has(userId);
    this.#userOf.set(memberId, userId);
    return isFirst;
  }

  /** @returns the user, if it has gone with that */
  delete(memberId: string): string | undefined {
    const userId = this.#userOf.get(memberId);
    this.#userOf.delete(memberId);
    return userId !== undefined && !this.has(userId) ? userId : undefined;
  }

  of(memberId: string): string | undefined {
    return this.#userOf.get(memberId);
  }

  /** @param except a member that does not count */
  has(userId: string, except?: string): boolean {
    for (const [memberId, user] of this.#userOf) if (user === userId && memberId !== except) return true;
    return false;
  }
}
