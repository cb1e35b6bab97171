import type { RedisConnection } from '../connection/connection.js';
import { RoomCounts } from '../overview/room-counts.js';
import type { HostReport } from '../pool/types.js';
import { Assignments } from './assignments.js';
import { roomKeys } from './keys.js';
import type { RoomMover } from './mover.js';
import { RoomRecaller } from './recall.js';
import type { Standing } from './room-memory.js';
import { reportRoomScript } from './scripts.js';
import { RoomSlots, type RoomSlot } from './slots.js';
import { RoomStore } from './store.js';
import type { RoomHosts, RoomTimes } from './types.js';

/** A room that a host has yet to open. */
export interface Assignment {
  readonly roomId: string;
  readonly leaseId: string;
  /** Until when; milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What a host is told of rooms with its heartbeat's answer. */
export interface HostNews {
  /** Rooms to open. */
  readonly assignments: readonly Assignment[];
  /** Rooms that it reports, or was given, and that are not its own (any more): deleted, over, or moved. */
  readonly released: readonly string[];
}

const NO_NEWS: HostNews = { assignments: [], released: [] };

/** What of a host's heartbeat matters to its rooms. */
type HostWord = Pick<HostReport, 'hostId' | 'region' | 'roomId' | 'address' | 'rooms'>;

/** What players means in the script for rooms that a report does not name. */
const NOT_NAMED = -1;
const NO_ROOMS = -2;

/** Rooms' leases, as the script answers them: in which region, and the id. */
type Lease = [region: string, leaseId: string];
type Unopened = [
  status: 'waiting' | 'unconfirmed',
  moves: number,
  ...Lease,
  expiresAtMs: string,
  standing: Standing,
];
type Reported =
  | Unopened
  | [status: 'kept', moves: number, leaseId: string, standing: Standing]
  | [status: 'other' | 'missing', moves: number]
  | [status: 'leased', moves: number, ...Lease, forMs: string, left: 0 | 1, standing: Standing]
  | [status: 'closed', moves: number, ...Lease];

/** What one of a host's rooms came to. */
type Outcome =
  | { readonly is: 'held' }
  /** Its slot is a session's, whatever became of its lease. */
  | { readonly is: 'held'; readonly playedLeaseId: string }
  /** Its slot is its own by a lease, for so long from now on. */
  | { readonly is: 'held'; readonly slot: RoomSlot; readonly forMs: number; readonly isLeft: boolean }
  | { readonly is: 'to-open'; readonly assignment: Assignment }
  /** It is over, or another host's. */
  | { readonly is: 'lost' }
  /** No gateway knows it. */
  | { readonly is: 'unknown' }
  /** Redis has lost it, and it may come back yet. */
  | { readonly is: 'awaited' };

const UNKNOWN: Outcome = { is: 'unknown' };
const HELD: Outcome = { is: 'held' };
const LOST: Outcome = { is: 'lost' };

const leaseOf = ([, , region, leaseId]: readonly [string, number, ...Lease, ...unknown[]]) => ({
  region,
  leaseId,
});

/** `gone`: it is over, or another host's, or about to be; undefined: Redis does not have it. */
function standingOf(reported: Reported): Standing | 'gone' | undefined {
  switch (reported[0]) {
    case 'missing':
      return undefined;
    case 'kept':
      return reported[3];
    case 'leased':
      return reported[6];
    case 'waiting':
      return reported[5];
    default:
      return 'gone';
  }
}

const toOpen = (roomId: string, [, , , leaseId, expiresAtMs]: Unopened): Outcome => ({
  is: 'to-open',
  assignment: { roomId, leaseId, expiresAt: Number(expiresAtMs) },
});

/** What hosts say of the rooms that gateways gave them (R1, R2). */
export class HostRooms {
  readonly #assignments: Assignments;
  readonly #counts: RoomCounts;
  readonly #slots: RoomSlots;
  readonly #recaller: RoomRecaller;

  constructor(
    private readonly redis: RedisConnection,
    private readonly mover: Pick<RoomMover, 'move' | 'begin'>,
    private readonly hosts: Pick<RoomHosts, 'release' | 'renew'>,
    private readonly times: RoomTimes,
    /** A room that Redis had lost was written again: with its slot, or without where its host had none free. */
    onRecalled: (hasSlot: boolean) => void = () => undefined,
  ) {
    this.#assignments = new Assignments(redis);
    this.#counts = new RoomCounts(redis);
    this.#slots = new RoomSlots(redis, hosts, times);
    this.#recaller = new RoomRecaller(redis, this.#slots, times, onRecalled);
  }

  /**
   * A host heartbeats: its rooms are confirmed, kept, emptied or closed, and written again if Redis has lost them. One
   * round trip for a host without rooms.
   * @param register has the pool take the same heartbeat, as it has when absent: before that no slot can be promised to a
   * room that was lost, and after that those who left have no slot any more that a room could keep
   * @throws RedisUnavailableError when Redis cannot be asked right now
   */
  async heard(report: HostWord, register: () => Promise<unknown> = async () => undefined): Promise<HostNews> {
    let registering: Promise<unknown> | undefined;
    const registered = () => (registering ??= register());
    const mayEmpty = report.rooms?.some(({ players }) => players === 0) ?? false;
    const [news] = await Promise.allSettled([this.#hearAll(report, registered), mayEmpty || registered()]);
    // The pool hears of the host, whatever becomes of its rooms.
    await registered();
    if (news.status === 'rejected') throw news.reason;
    return news.value;
  }

  async #hearAll(report: HostWord, registered: () => Promise<unknown>): Promise<HostNews> {
    const { hostId, rooms } = report;
    const given = await this.#assignments.known(hostId);
    // Where Redis has lost the list, too, the host is asked for what is remembered.
    const known = new Set([...given.keys(), ...this.#recaller.roomsOf(report)]);
    if (known.size === 0 && !rooms?.length) return NO_NEWS;
    const players = new Map([...known].map((roomId) => [roomId, rooms ? NOT_NAMED : NO_ROOMS]));
    for (const each of rooms ?? []) players.set(each.roomId, each.players);
    const outcomes = await Promise.all(
      [...players].map(async ([roomId, count]) => {
        const heard = await this.#hear(report, roomId, count);
        const outcome = heard ?? (await this.#recall(report, roomId, count, registered));
        // Of one that is only remembered here the host was told by another matchmaker.
        const isTold = outcome.is === 'lost' && !given.has(roomId) && count < 0;
        return [roomId, isTold ? UNKNOWN : outcome] as const;
      }),
    );
    await this.#hold(outcomes.map(([, outcome]) => outcome));
    return this.#settle(hostId, given, outcomes);
  }

  /**
   * A host says that a room is over. Its slot is the host's own again with the next heartbeat, or now if it was only
   * promised.
   * @param hostId who says so; a host that lost the room cannot close it. Anybody's word is taken when absent
   * @returns false when there is no such room, or it is another host's
   */
  async closed(roomId: string, hostId?: string): Promise<boolean> {
    this.#recaller.over(roomId, hostId);
    const rooms = new RoomStore(this.redis, this.times);
    const seen = await rooms.get(roomId);
    if (!seen || (hostId !== undefined && seen.hostId !== hostId)) return false;
    const room = await rooms.delete(roomId, 'the host closed it', seen.epoch);
    if (!room) return false;
    await this.#assignments.remove(room.hostId, [roomId]);
    await this.hosts.release(room);
    return true;
  }

  /**
   * A host says goodbye: its rooms move at once. Should it be back before a gateway looked, it does not close them by
   * reporting none.
   */
  async goodbye(hostId: string): Promise<void> {
    this.#recaller.gone(hostId);
    const rooms = await this.#assignments.goodbye(hostId);
    await Promise.all(rooms.map((roomId) => this.mover.begin(roomId, hostId)));
  }

  /** Let rooms have their slots that no session has. */
  async #hold(outcomes: readonly Outcome[]): Promise<void> {
    const played = outcomes.flatMap((outcome) => ('playedLeaseId' in outcome ? outcome.playedLeaseId : []));
    await Promise.all(
      outcomes.map(async (outcome) => {
        if (!('slot' in outcome)) return;
        const { slot, forMs, isLeft } = outcome;
        await this.#slots.hold(slot, forMs, { played, isLeft });
      }),
    );
  }

  /** Redis does not have a room. One that it has lost is written again, and then heard of. */
  async #recall(
    report: HostWord,
    roomId: string,
    players: number,
    registered: () => Promise<unknown>,
  ): Promise<Outcome> {
    const isReported = players >= 0;
    const result = await this.#recaller.recall(report, roomId, {
      isReported,
      isPlayed: players > 0,
      registered,
    });
    if (result === 'awaited') return { is: 'awaited' };
    if (result === 'over') return LOST;
    return (result === 'back' && (await this.#hear(report, roomId, players))) || UNKNOWN;
  }

  /** Report one room, and do what follows from it. @returns undefined when Redis does not have it */
  async #hear(report: HostWord, roomId: string, players: number): Promise<Outcome | undefined> {
    const askedAt = performance.now();
    const reported = await this.#report(report, roomId, players);
    const room = { roomId, moves: reported[1] };
    this.#recaller.note(roomId, report.hostId, standingOf(reported), askedAt);
    switch (reported[0]) {
      case 'missing':
        return undefined;
      case 'other':
        return LOST;
      case 'closed':
        this.#counts.noteOver([room]);
        await this.hosts.release(leaseOf(reported));
        return LOST;
      case 'kept':
        this.#counts.note('open', [room], this.times.keepMs);
        return { is: 'held', playedLeaseId: reported[2] };
      case 'leased':
        this.#counts.note('open', [room], this.times.keepMs);
        return {
          is: 'held',
          slot: { roomId, hostId: report.hostId, ...leaseOf(reported) },
          forMs: Number(reported[4]),
          isLeft: reported[5] === 1,
        };
      case 'waiting':
        this.#counts.note('placed', [room], this.times.leaseMs);
        return toOpen(roomId, reported);
      case 'unconfirmed':
        return this.#giveAway(report.hostId, roomId, reported);
    }
  }

  /** A host did not open a room in time. Until another one is free it may still do so, and has the slot. */
  async #giveAway(hostId: string, roomId: string, reported: Unopened): Promise<Outcome> {
    const result = await this.mover.move(roomId, hostId);
    if (result === 'left') return LOST;
    if (result === 'stays') return HELD;
    await this.#slots.hold({ roomId, hostId, ...leaseOf(reported) }, this.times.keepMs);
    return toOpen(roomId, reported);
  }

  async #report(host: HostWord, roomId: string, players: number): Promise<Reported> {
    const { hostId, region, address = '', roomId: hostRoomId } = host;
    const { keepMs, emptyMs, seatTtlMs } = this.times;
    const version = this.#recaller.versionOf(roomId);
    return (await this.redis.run(reportRoomScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { hostId, players, keepMs, emptyMs, seatTtlMs, region, address, hostRoomId, version },
    })) as Reported;
  }

  async #settle(
    hostId: string,
    given: ReadonlyMap<string, boolean>,
    outcomes: readonly (readonly [roomId: string, Outcome])[],
  ): Promise<HostNews> {
    const assignments: Assignment[] = [];
    const released: string[] = [];
    const regained: string[] = [];
    for (const [roomId, outcome] of outcomes) {
      const isLost = given.get(roomId);
      if (outcome.is === 'to-open') assignments.push(outcome.assignment);
      if (outcome.is === 'held' || outcome.is === 'to-open') {
        // Whoever noted that it was lost was late: it is this host's again.
        if (isLost !== false) regained.push(roomId);
      }
      // A room that no gateway knows and that was never given to the host is its own business.
      else if (outcome.is === 'lost' || (outcome.is === 'unknown' && isLost !== undefined)) {
        released.push(roomId);
      }
      if (outcome.is === 'unknown' && isLost !== undefined) this.#counts.noteOver([{ roomId, moves: 0 }]);
    }
    const over = released.filter((roomId) => given.has(roomId));
    await this.#assignments.remove(hostId, over);
    for (const roomId of regained) await this.#assignments.add(hostId, roomId, this.times.hostTtlMs);
    const left = given.size - over.length + regained.length;
    // A host without rooms is not forgotten here, but when it is due: a gateway may count on it being expected.
    if (left > 0) await this.#assignments.keep(hostId, this.times.hostTtlMs);
    return { assignments, released };
  }
}
