/** Only an `idle` host is handed out, whatever its numbers say. */
export type HostStatus = 'idle' | 'busy' | 'allocated';

/** What a host says of itself in one heartbeat; checked already. */
export interface HostReport {
  readonly hostId: string;
  readonly region: string;
  readonly roomId: string;
  readonly status: HostStatus;
  readonly capacity: number;
  readonly availableSlots: number;
  /** `host:port` of a game server; a streaming host has none. */
  readonly address?: string | undefined;
  /** Rooms that the host serves right now. */
  readonly rooms?: readonly { readonly roomId: string; readonly players: number }[] | undefined;
}

/** What a client needs. */
export interface AllocationRequest {
  /** Regions to try, best first; any region when absent. */
  readonly regions?: readonly string[] | undefined;
  /** That host or nothing. */
  readonly hostId?: string | undefined;
  /**
   * Which hosts will do, best first. A match is for a streaming host (a page cannot talk to a game server); a room
   * goes to a game server, or to a streaming host where there is none free.
   */
  readonly kinds: readonly HostKind[];
  /** Slots, all on one host. Default 1. */
  readonly seats?: number | undefined;
  /** Which of the hosts that fit; default `least-loaded`. */
  readonly strategy?: Strategy | undefined;
  /** How long the promise stands, when it differs from the pool's own lease time. */
  readonly leaseTtlMs?: number | undefined;
  /** Hosts that will not do. */
  readonly avoid?: readonly string[] | undefined;
  /** For a room that a gateway made: clients who come to the host's own room do not take this lease up. */
  readonly isForRoom?: boolean | undefined;
}

/**
 * Which host is chosen among those with enough free slots (load = slots not free / capacity). Equals go by the
 * longest time without an assignment, then by name, so that one bad host is not picked for ever.
 * - `least-loaded`: the lowest load; for a party (2 seats or more) the most free slots.
 * - `packed`: the fewest free slots that still fit.
 * - `random`: each with the same chance.
 */
export type Strategy = 'least-loaded' | 'packed' | 'random';

export type HostKind = 'streaming' | 'game';

/** A slot promised: the host, and the lease that expires by itself. */
export interface Allocation {
  readonly outcome: 'leased';
  readonly hostId: string;
  readonly region: string;
  /** The host's own room. */
  readonly roomId: string;
  readonly address?: string;
  readonly leaseId: string;
  /** Milliseconds since 1970, on Redis' clock. */
  readonly expiresAtMs: number;
}

/** The answer to an allocation: a slot, or that none is free. */
export type AllocationResult = Allocation | { readonly outcome: 'none' };
