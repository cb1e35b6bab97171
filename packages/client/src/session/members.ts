import type { Peer } from '@parley/protocol';

/** What became of a room while nobody told us, as the events that were missed. */
export type Missed =
  | ['peer-disconnected' | 'peer-away', { readonly memberId: string }]
  | ['peer-joined', Peer & { readonly resumed?: true }]
  | ['user-left' | 'user-joined', { readonly userId: string }];

/** The other members of a room, as far as one was told. */
export class Members extends Map<string, Peer> {
  #gone: ReadonlySet<string> = new Set();

  joined({ memberId, userId }: Peer): void {
    this.set(memberId, { memberId, ...(userId !== undefined && { userId }) });
  }

  away(memberId: string): void {
    this.set(memberId, { ...this.get(memberId), memberId, away: true });
  }

  /** Whoever had left when we came back: what still comes from it was said before. */
  get gone(): ReadonlySet<string> {
    return this.#gone;
  }

  /**
   * All at once.
   * @param own the user that we are: it is here, whoever else is
   * @returns what has changed, in the order in which it would have been told
   */
  replace(peers: readonly Peer[], own: string | undefined): Missed[] {
    const before = new Map(this);
    const users = (all: Iterable<Peer>) => new Set(Array.from(all, ({ userId }) => userId));
    const [usersBefore, usersNow] = [users(before.values()), users(peers)];
    this.clear();
    for (const peer of peers) this.set(peer.memberId, peer);
    this.#gone = new Set(Array.from(before.keys()).filter((memberId) => !this.has(memberId)));
    const only = (some: Set<string | undefined>, others: Set<string | undefined>) =>
      Array.from(some).flatMap((userId) =>
        userId === undefined || userId === own || others.has(userId) ? [] : { userId },
      );
    return [
      ...Array.from(this.#gone, (memberId): Missed => ['peer-disconnected', { memberId }]),
      ...only(usersBefore, usersNow).map((user): Missed => ['user-left', user]),
      ...peers.flatMap((peer) => changeOf(before.get(peer.memberId), peer)),
      ...only(usersNow, usersBefore).map((user): Missed => ['user-joined', user]),
    ];
  }
}

function changeOf(before: Peer | undefined, { away, ...peer }: Peer): Missed[] {
  const isBack = before?.away === true && !away;
  const joined: Missed = ['peer-joined', { ...peer, ...(isBack && { resumed: true }) }];
  const left: Missed = ['peer-away', { memberId: peer.memberId }];
  return [...(!before || isBack ? [joined] : []), ...(away && !before?.away ? [left] : [])];
}
