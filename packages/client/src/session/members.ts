import type { Peer } from '@parley/protocol';

/** The other members of a room, as far as one was told. */
export class Members extends Map<string, Peer> {
  joined({ memberId, userId }: Peer): void {
    this.set(memberId, { memberId, ...(userId !== undefined && { userId }) });
  }

  away(memberId: string): void {
    this.set(memberId, { ...this.get(memberId), memberId, away: true });
  }

  /** All at once. @returns who is new, and who is gone */
  replace(peers: readonly Peer[]): { come: readonly Peer[]; gone: readonly string[] } {
    const come = peers.filter(({ memberId }) => !this.has(memberId));
    const now = new Set(peers.map(({ memberId }) => memberId));
    const gone = Array.from(this.keys()).filter((memberId) => !now.has(memberId));
    this.clear();
    for (const peer of peers) this.set(peer.memberId, peer);
    return { come, gone };
  }
}
