import type { Allocation, AllocationRequest } from '../pool/types.js';

/** What a room's creator asks of its host; asked again when the room has to move. */
export type RoomWishes = Pick<AllocationRequest, 'regions' | 'strategy'>;

/** A room to be written: where it was placed, and what its creator asked for. */
export interface NewRoom {
  readonly roomId: string;
  readonly hostId: string;
  readonly region: string;
  /** The host's own signaling room. */
  readonly hostRoomId: string;
  /** `host:port` of a game server; a streaming host has none. */
  readonly address?: string | undefined;
  /** The lease that holds the room's slot. */
  readonly leaseId: string;
  /** Seats. */
  readonly maxPlayers: number;
  /** SHA-256 of the owner's token, hex; the token itself is stored nowhere. */
  readonly ownerHash: string;
  readonly where: RoomWishes;
  readonly visibility: 'private' | 'public';
  /** The user who creates it (`sub`), who may always join. */
  readonly creator?: string | undefined;
  /** What its owner wants others to know of it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** End of the lease; the record ends with it unless the room is used by then. Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** A room as it stands. */
export interface Room extends Omit<NewRoom, 'where'> {
  /** `placed`: its host has yet to open it; `migrating`: its host is gone, and another one is looked for. */
  readonly state: 'placed' | 'open' | 'migrating';
  /** Number of its placement: another one after every change of host. */
  readonly epoch: number;
  /** Seats taken or promised. */
  readonly players: number;
  /** How often it changed hosts. */
  readonly moves: number;
  /** Nobody joins. */
  readonly locked: boolean;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The answer to taking a seat: the room with it taken; the room, with none taken while it moves; or why not. */
export type JoinResult =
  | { readonly outcome: 'joined' | 'migrating'; readonly room: Room }
  | { readonly outcome: 'full' }
  | { readonly outcome: 'locked' }
  | { readonly outcome: 'forbidden' }
  | { readonly outcome: 'missing' };

/** What a room's owner changes; the rest stays. */
export interface RoomChanges {
  readonly maxPlayers?: number | undefined;
  readonly visibility?: NewRoom['visibility'] | undefined;
  readonly metadata?: NewRoom['metadata'] | undefined;
  readonly locked?: boolean | undefined;
}

/** What placing rooms needs of the host pool. */
export interface RoomHosts {
  allocate(request: AllocationRequest): Promise<Allocation | { readonly outcome: 'none' }>;
  /** Give a slot back; harmless when its lease is gone already. */
  release(lease: Pick<Allocation, 'region' | 'leaseId'>): Promise<unknown>;
  /** Let a slot be promised for longer. @returns false when its lease is gone already */
  renew(lease: Pick<Allocation, 'region' | 'leaseId'>, ttlMs: number): Promise<boolean>;
}

/** Times of rooms, milliseconds. */
export interface RoomTimes {
  /** How long a slot is promised to a room that its host has yet to open. */
  readonly leaseMs: number;
  /** How long a room that is used stands after a heartbeat of its host, and is looked a new host for. */
  readonly keepMs: number;
  /** How long a room that nobody is in stands, where only signaling tells who is there. */
  readonly emptyMs: number;
  /** How long a seat is promised to a player who has yet to come. */
  readonly seatTtlMs: number;
  /** A host that is silent for this long counts as gone. */
  readonly hostTtlMs: number;
}
