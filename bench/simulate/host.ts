import { setTimeout as delay } from 'node:timers/promises';
import type { Beat, HostBook, Stay } from './books.js';
import { joinRoom, type RoomSocket } from './room-socket.js';
import { noteTrouble, type World } from './world.js';

/** Slots that a game server keeps for players who do not come through us. */
export interface HostPlan {
  readonly book: HostBook;
  readonly reserved: number;
  /** Whether it tells its rooms, too, and not only how many slots are free. */
  readonly tellsRooms: boolean;
}

const REJOIN_MS = 200;

/** A host that can die and come back. Streaming hosts sit in their room; game servers are reached directly. */
export class SimulatedHost {
  readonly book: HostBook;
  #players = 0;
  #life: AbortController | undefined;
  #socket: RoomSocket | undefined;
  /** Told when the host dies. */
  readonly #sessions = new Set<() => void>();

  constructor(
    private readonly plan: HostPlan,
    private readonly world: World,
  ) {
    this.book = plan.book;
  }

  get isAlive(): boolean {
    return this.#life !== undefined;
  }

  get roomId(): string {
    return `room-${this.book.hostId}`;
  }

  /** Come (back) to life, knowing nothing of before. */
  start(): void {
    const life = new AbortController();
    this.#life = life;
    this.#players = 0;
    if (this.book.kind === 'streaming') this.#join(life.signal);
    else this.#note(this.world.nowMs());
    void this.#beat(life.signal);
  }

  /** Die as with SIGKILL: no goodbye, sockets break off, sessions end. */
  die(): void {
    const stay = this.book.stays.at(-1);
    if (stay) stay.toMs ??= this.world.nowMs();
    this.#life?.abort();
    this.#life = undefined;
    this.#socket?.drop();
    for (const end of this.#sessions) end();
    this.#sessions.clear();
  }

  /**
   * A client of a game server connects.
   * @param onDeath called when the host dies before the client left
   * @returns undefined when nobody listens; else what the client calls to leave
   */
  connect(seats: number, onDeath: () => void): (() => void) | undefined {
    if (!this.isAlive) return undefined;
    this.#players += seats;
    this.#sessions.add(onDeath);
    return () => {
      if (this.#sessions.delete(onDeath)) this.#players -= seats;
    };
  }

  #note(soughtMs: number): Stay {
    const stay: Stay = { soughtMs, fromMs: this.world.nowMs() };
    this.book.stays.push(stay);
    return stay;
  }

  #join(signal: AbortSignal): void {
    if (signal.aborted || this.world.signalingUrl === undefined) return;
    const soughtMs = this.world.nowMs();
    let stay: Stay | undefined;
    const socket = joinRoom(this.world.signalingUrl, this.roomId, {
      onOpen: () => (stay = this.#note(soughtMs)),
      onMessage: (type) => {
        if (type === 'offer') socket.send({ type: 'answer', sdp: 'v=0' });
        if (type === 'offer') this.#players = 1;
        if (type === 'peer-disconnected') this.#players = 0;
      },
      onClose: (reason) => {
        if (stay) stay.toMs ??= this.world.nowMs();
        noteTrouble(this.world, `a host was thrown out of its room: ${reason}`);
        setTimeout(() => this.#join(signal), REJOIN_MS).unref();
      },
    });
    this.#socket = socket;
  }

  /** Heartbeats, one after the other. */
  async #beat(signal: AbortSignal): Promise<void> {
    const { options } = this.world;
    while (!signal.aborted) {
      await this.#sendBeat();
      // A death ends the wait, and that is all that it may throw.
      await delay(options.beatMs * (0.9 + 0.1 * Math.random()), undefined, { signal }).catch(() => {});
    }
  }

  async #sendBeat(): Promise<void> {
    const beat: Beat = { sentAtMs: this.world.nowMs(), players: this.#players };
    this.book.beats.push(beat);
    const answer = await this.world.api.heartbeat(this.#report()).catch(String);
    beat.endedAtMs = this.world.nowMs();
    this.world.heartbeatMs.push(beat.endedAtMs - beat.sentAtMs);
    beat.ok = typeof answer === 'object' && answer.status === 200;
    if (typeof answer === 'string') noteTrouble(this.world, `heartbeat: ${answer}`);
    else if (beat.ok) this.world.hostTtlMs = Number(answer.body['ttl']) * 1_000;
    else noteTrouble(this.world, `heartbeat: ${answer.status} ${String(answer.body['detail'])}`);
  }

  #report(): object {
    const { hostId, region, kind, says, slots } = this.book;
    const { reserved, tellsRooms } = this.plan;
    const who = { hostId, roomId: this.roomId, region, status: 'idle' };
    if (says === 'idle') return { ...who, capacity: 1, availableSlots: 1 };
    return {
      ...who,
      capacity: slots + reserved,
      // More than fit come only where they were promised slots too late, or wrongly.
      availableSlots: Math.max(0, slots - this.#players),
      ...(tellsRooms && { rooms: [{ roomId: this.roomId, players: this.#players }] }),
      ...(kind === 'game' && { address: '127.0.0.1:7777' }),
    };
  }
}
