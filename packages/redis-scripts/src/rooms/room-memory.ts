/**
 * What a report of a room that stands brings: for how long it stands (ms) and, where the caller does not have this
 * version of it, the version, its promised seats, and its record: field, value, field, value…
 */
export type Standing =
  readonly [forMs: string] | readonly [forMs: string, version: string, seats: string, ...record: string[]];

/** A room as it was when it was last heard of. */
export interface RecalledRoom {
  /** Field, value, field, value… */
  readonly record: readonly string[];
  /** For how long it would stand still; milliseconds. */
  readonly leftMs: number;
  /** Seats that were promised, and how long ago that was seen; milliseconds. */
  readonly seats: number;
  readonly seatsSeenMsAgo: number;
}

interface Remembered {
  readonly hostId: string;
  readonly version: string;
  readonly record: readonly string[];
  readonly bytes: number;
  readonly seats: number;
  /** When the record was read, and when it last was known to stand, for how long (performance.now(), ms). */
  readonly readAt: number;
  readonly heardAt: number;
  readonly forMs: number;
}

/** Bounds of what one process remembers; beyond them the rooms that were heard of least recently are forgotten. */
const ROOMS_MAX = 50_000;
const BYTES_MAX = 67_108_864;

/**
 * A room that was closed leaves an event for ten minutes (`lua/shared/room-life.lua`): within half of that it is certain
 * that one without any was not closed.
 */
const CERTAIN_MS = 300_000;

/**
 * The rooms of hosts that heartbeat through this process, as they were last: what is written again should Redis lose
 * them. A record vanishes only by being closed, which leaves an event, or by its end, which is never earlier than one room
 * time after it was last heard of. So one that vanished within that time, and left no event, was lost.
 */
export class RoomMemory {
  /** Those heard of least recently come first. */
  readonly #rooms = new Map<string, Remembered>();
  readonly #ofHost = new Map<string, Set<string>>();
  readonly #keptMs: number;
  #bytes = 0;

  /** @param roomTtlMs no record ends sooner than so long after a report of it */
  constructor(
    roomTtlMs: number,
    private readonly roomsMax = ROOMS_MAX,
    private readonly bytesMax = BYTES_MAX,
  ) {
    this.#keptMs = Math.min(roomTtlMs, CERTAIN_MS);
  }

  /** Which version of a room is remembered; empty when none is. */
  versionOf(roomId: string): string {
    return this.#rooms.get(roomId)?.version ?? '';
  }

  /** The rooms of a host that are remembered. */
  of(hostId: string): string[] {
    return [...(this.#ofHost.get(hostId) ?? [])];
  }

  /** Rooms that a host had open, and does not name among those that it has. */
  forgetUnnamed(hostId: string, named: ReadonlySet<string>): void {
    for (const roomId of this.of(hostId)) {
      // One that it had yet to open it may still name.
      if (!named.has(roomId) && this.#isOpen(roomId)) this.forget(roomId);
    }
  }

  /**
   * A host's room stands.
   * @param askedAt when that was asked (performance.now())
   */
  note(roomId: string, hostId: string, standing: Standing, askedAt: number): void {
    const known = this.#rooms.get(roomId);
    // An older answer that came late says nothing new.
    if (known && known.heardAt > askedAt) return;
    const [forMs, version, seats, ...record] = standing;
    this.forget(roomId);
    if (version !== undefined) {
      const bytes = record.reduce((sum, text) => sum + text.length, roomId.length);
      const read = { version, seats: Number(seats), record, bytes, readAt: askedAt };
      this.#add(roomId, { hostId, ...read, heardAt: askedAt, forMs: Number(forMs) });
    } else if (known?.hostId === hostId) {
      this.#add(roomId, { ...known, heardAt: askedAt, forMs: Number(forMs) });
    }
    this.#prune();
  }

  /** A room as it was on a host, if it would still stand; undefined when it is not known, or would have ended. */
  recall(roomId: string, hostId: string): RecalledRoom | undefined {
    const known = this.#rooms.get(roomId);
    if (known?.hostId !== hostId) return undefined;
    const ageMs = performance.now() - known.heardAt;
    const leftMs = Math.floor(known.forMs - ageMs);
    if (ageMs >= this.#keptMs || leftMs <= 0) {
      this.forget(roomId);
      return undefined;
    }
    const seatsSeenMsAgo = Math.ceil(performance.now() - known.readAt);
    return { record: known.record, leftMs, seats: known.seats, seatsSeenMsAgo };
  }

  /** Forget a room as one of a host's: it may be remembered as another one's by now. */
  forgetOf(hostId: string, roomId: string): void {
    if (this.#rooms.get(roomId)?.hostId === hostId) this.forget(roomId);
  }

  forget(roomId: string): void {
    const known = this.#rooms.get(roomId);
    if (!known) return;
    this.#rooms.delete(roomId);
    this.#bytes -= known.bytes;
    const rooms = this.#ofHost.get(known.hostId);
    rooms?.delete(roomId);
    if (rooms?.size === 0) this.#ofHost.delete(known.hostId);
  }

  #add(roomId: string, room: Remembered): void {
    this.#rooms.set(roomId, room);
    this.#bytes += room.bytes;
    const rooms = this.#ofHost.get(room.hostId);
    if (rooms) rooms.add(roomId);
    else this.#ofHost.set(room.hostId, new Set([roomId]));
  }

  #isOpen(roomId: string): boolean {
    const { record = [] } = this.#rooms.get(roomId) ?? {};
    return record.some((text, at) => at % 2 === 0 && text === 'state' && record[at + 1] === 'open');
  }

  #prune(): void {
    const past = performance.now() - this.#keptMs;
    for (const [roomId, { heardAt }] of this.#rooms) {
      const isTooMuch = this.#rooms.size > this.roomsMax || this.#bytes > this.bytesMax;
      if (!isTooMuch && heardAt >= past) return;
      this.forget(roomId);
    }
  }
}
