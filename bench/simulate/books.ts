// What the simulation itself did and was told, to hold the pool to. All times are milliseconds of its own clock.

/** One heartbeat. */
export interface Beat {
  readonly sentAtMs: number;
  /** Players that it told of. */
  readonly players: number;
  /** When the answer came, or was given up. Until then it may still take effect. */
  endedAtMs?: number;
  /** Whether it was answered: then it took effect between the two times. */
  ok?: boolean;
}

/** A stretch in which a host was where clients find it: in its room, or listening. */
export interface Stay {
  /** When it set out: it may have been there since. */
  readonly soughtMs: number;
  /** When it was there for certain. */
  readonly fromMs: number;
  toMs?: number;
}

/** A slot, or several, that a client was promised. */
export interface Grant {
  readonly clientId: string;
  readonly leaseId: string;
  readonly seats: number;
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  readonly expiresAtMs: number;
  /** When it came to the host; never, where it did not show up. */
  arrivedAtMs?: number;
  /** It tried to come and never learned whether it was let in: it may have been there until it left. */
  mayHaveCome?: true;
  /** When it began to leave, or its host died. */
  leavingAtMs?: number;
  /** When its socket was closed, or its game host knew that it is gone. */
  leftAtMs?: number;
}

/** What clients look for. */
export type HostKind = 'streaming' | 'game';

export interface HostBook {
  readonly hostId: string;
  readonly kind: HostKind;
  readonly region: string;
  /** Whether it reports what is so, or "idle, 1 slot" whatever is so. */
  readonly says: 'truth' | 'idle';
  /** Slots that it has for us. */
  readonly slots: number;
  readonly beats: Beat[];
  readonly stays: Stay[];
  readonly grants: Grant[];
}

/** A client was told that there is no host. */
export interface Refusal {
  readonly clientId: string;
  readonly kind: HostKind;
  /** Where it would have gone; anywhere if absent. */
  readonly regions?: readonly string[];
  readonly seats: number;
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

/** A request for a match that was never answered properly: it may have got slots that nobody knows of. */
export interface LostFind {
  readonly seats: number;
  readonly sentAtMs: number;
  readonly endedAtMs: number;
  readonly why: string;
}

/** What may lie between a fact and its effect in the pool. */
export interface Tolerances {
  /** A host that is silent for this long is dead. */
  readonly hostTtlMs: number;
  readonly leaseTtlMs: number;
  /** Time between two heartbeats of a host. */
  readonly beatMs: number;
  /** Longest time from a change in a signaling room until the pool knows. */
  readonly inFlightMs: number;
  /** Most that the clock of Redis and ours may be apart. */
  readonly clockSkewMs: number;
}

/** Everything that was written down. */
export class Books {
  readonly hosts = new Map<string, HostBook>();
  readonly refusals: Refusal[] = [];
  readonly lostFinds: LostFind[] = [];
  /** Matches with hosts that are not ours. */
  foreign = 0;

  addHost(host: Omit<HostBook, 'beats' | 'stays' | 'grants'>): HostBook {
    const book = { ...host, beats: [], stays: [], grants: [] };
    this.hosts.set(host.hostId, book);
    return book;
  }

  get grants(): number {
    let count = 0;
    for (const { grants } of this.hosts.values()) count += grants.length;
    return count;
  }
}
