/** What a host says of itself in one heartbeat; checked already. */
export interface HostReport {
  readonly hostId: string;
  readonly region: string;
  readonly roomId: string;
  readonly status: 'idle' | 'busy' | 'allocated';
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
  readonly seats?: number;
  /** How long the promise stands, when it differs from the pool's own lease time. */
  readonly leaseTtlMs?: number;
}

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
