import type { RedisConnection } from '../connection/connection.js';
import { RoomCounts } from '../overview/room-counts.js';
import type { HostReport } from '../pool/types.js';
import { Assignments } from './assignments.js';
import { roomKeys } from './keys.js';
import type { RoomMover } from './mover.js';
import { reportRoomScript } from './scripts.js';
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

/** What players means in the script for rooms that a report does not name. */
const NOT_NAMED = -1;
const NO_ROOMS = -2;

type Reported =
  | ['kept' | 'unconfirmed' | 'closed' | 'other' | 'missing']
  | ['leased', region: string, leaseId: string]
  | ['waiting', leaseId: string, leaseEndsAtMs: string];

/** What hosts say of the rooms that gateways gave them (R1, R2). */
export class HostRooms {
  readonly #assignments: Assignments;
  readonly #counts: RoomCounts;

  constructor(
    private readonly redis: RedisConnection,
    private readonly mover: Pick<RoomMover, 'move'>,
    private readonly hosts: Pick<RoomHosts, 'release' | 'renew'>,
    private readonly times: RoomTimes,
  ) {
    this.#assignments = new Assignments(redis);
    this.#counts = new RoomCounts(redis);
  }

  /**
   * A host heartbeats: its rooms are confirmed, kept, emptied or closed. One round trip for a host without rooms.
   * @throws RedisUnavailableError when Redis cannot be asked right now
   */
  async heard({ hostId, rooms }: Pick<HostReport, 'hostId' | 'rooms'>): Promise<HostNews> {
    const given = await this.#assignments.of(hostId);
    if (given.length === 0 && !rooms?.length) return NO_NEWS;
    const players = new Map<string, number>(given.map((roomId) => [roomId, rooms ? NOT_NAMED : NO_ROOMS]));
    for (const each of rooms ?? []) players.set(each.roomId, each.players);
    const news = await Promise.all(
      [...players].map(
        async ([roomId, count]) => [roomId, await this.#report(hostId, roomId, count)] as const,
      ),
    );
    return this.#settle(hostId, new Set(given), news);
  }

  /**
   * A host says that a room is over. Its slot is the host's own again with the next heartbeat, or now if it was only
   * promised.
   * @param hostId who says so; a host that lost the room cannot close it. Anybody's word is taken when absent
   * @returns false when there is no such room, or it is another host's
   */
  async closed(roomId: string, hostId?: string): Promise<boolean> {
    const rooms = new RoomStore(this.redis, this.times);
    const seen = await rooms.get(roomId);
    if (!seen || (hostId !== undefined && seen.hostId !== hostId)) return false;
    const room = await rooms.delete(roomId, 'the host closed it', seen.epoch);
    if (!room) return false;
    await this.#assignments.remove(room.hostId, [roomId]);
    await this.hosts.release(room);
    return true;
  }

  /** A host says goodbye: its rooms move at once. */
  async goodbye(hostId: string): Promise<void> {
    await this.#assignments.expect(hostId, 0);
  }

  async #report(hostId: string, roomId: string, players: number): Promise<Reported> {
    const { keepMs, seatTtlMs } = this.times;
    return (await this.redis.run(reportRoomScript, {
      keys: roomKeys(this.redis.keys, roomId),
      argv: { hostId, players, keepMs, seatTtlMs },
    })) as Reported;
  }

  async #settle(
    hostId: string,
    given: ReadonlySet<string>,
    news: readonly (readonly [roomId: string, Reported])[],
  ): Promise<HostNews> {
    const assignments: Assignment[] = [];
    const over: string[] = [];
    const released: string[] = [];
    for (const [roomId, [status, first = '', second = '']] of news) {
      if (status === 'waiting') assignments.push({ roomId, leaseId: first, expiresAt: Number(second) });
      if (status === 'leased') await this.hosts.renew({ region: first, leaseId: second }, this.times.leaseMs);
      if (status === 'unconfirmed') await this.mover.move(roomId, hostId);
      if (status !== 'closed' && status !== 'other' && status !== 'missing') continue;
      if (given.has(roomId)) over.push(roomId);
      // A room that no gateway knows and that was never given to the host is its own business.
      if (given.has(roomId) || status === 'other') released.push(roomId);
    }
    this.#note(given, news);
    await this.#assignments.remove(hostId, over);
    const left = given.size - over.length;
    // A host without rooms is not forgotten here, but when it is due: a gateway may count on it being expected.
    if (left > 0) await this.#assignments.keep(hostId, this.times.hostTtlMs);
    return { assignments, released };
  }

  #note(given: ReadonlySet<string>, news: readonly (readonly [roomId: string, Reported])[]): void {
    const those = (...statuses: Reported[0][]) =>
      news.filter(([, [status]]) => statuses.includes(status)).map(([roomId]) => roomId);
    this.#counts.note('open', those('kept', 'leased'), this.times.keepMs);
    this.#counts.note('placed', those('waiting'), this.times.leaseMs);
    const over = those('closed', 'missing').filter((roomId) => given.has(roomId));
    this.#counts.note('over', over);
  }
}
