import type { HostReport, Presence } from '../src/index.js';

// What the pool should know, in plain words and without Redis: the books against which the property test compares it.

/** A slot promised and not taken up. */
interface ModelLease {
  readonly leaseId: string;
  seats: number;
}

/** A streaming host, its room, and what the pool was told of both. */
export class ModelHost {
  alive = false;
  region = 'eu';
  status: HostReport['status'] = 'idle';
  /** Slots that others than us use, and the free ones that it told of last. */
  others = 0;
  reported = 0;
  inRoom = false;
  seen = false;
  clients: string[] = [];
  leases: ModelLease[] = [];
  /** Sessions that the pool knows of, and those among them that the last report does not. */
  sessions = 0;
  since = 0;
  version = 0;
  #names = 0;

  constructor(
    readonly hostId: string,
    readonly capacity: number,
    /** Whether it counts its own slots; the others always say that all are free. */
    readonly honest: boolean,
  ) {}

  get leased(): number {
    return this.leases.reduce((sum, { seats }) => sum + seats, 0);
  }

  /** The architecture's rule. */
  get free(): number {
    if (!this.alive || this.status !== 'idle' || (this.seen && !this.inRoom)) return 0;
    const believed = this.reported - this.leased - this.since;
    const counted = this.capacity - this.leased - this.sessions;
    return Math.max(0, Math.min(believed, counted));
  }

  report(): HostReport {
    const used = this.honest ? this.clients.length + this.others : 0;
    return {
      hostId: this.hostId,
      region: this.region,
      roomId: `room-${this.hostId}`,
      status: this.status,
      capacity: this.capacity,
      availableSlots: Math.max(0, this.capacity - used),
    };
  }

  presence(): Presence {
    const host = this.inRoom ? [{ memberId: `${this.hostId}-itself`, evidence: 'answered' as const }] : [];
    const clients = this.clients.map((memberId) => ({ memberId, evidence: 'offered' as const }));
    const { hostId, region, version } = this;
    return { hostId, region, roomId: `room-${hostId}`, version, members: [...host, ...clients] };
  }

  newClient(): string {
    return `${this.hostId}-client-${++this.#names}`;
  }

  /** The pool got a heartbeat. One that it did not know is asked for in its room, and its sessions take nothing up. */
  heard(): void {
    this.reported = this.report().availableSlots;
    this.since = 0;
    if (!this.alive) {
      this.alive = true;
      // That it was seen before is remembered.
      this.seen ||= this.inRoom;
      this.sessions = Number.POSITIVE_INFINITY;
    }
    this.#count();
  }

  /** The pool was told who is in the room. */
  shown(): void {
    if (!this.alive) return;
    this.seen ||= this.inRoom;
    this.since = Math.max(0, this.since + this.#count());
  }

  /** Sessions are the clients in the room, or what the host tells as long as it never was there. Answers how many more. */
  #count(): number {
    const told = this.seen ? 0 : this.capacity - this.reported;
    const sessions = Math.max(this.clients.length, told);
    const rise = sessions - this.sessions;
    for (let left = rise; left > 0 && this.leases[0]; left--) {
      if (--this.leases[0].seats === 0) this.leases.shift();
    }
    this.sessions = sessions;
    return rise;
  }
}
