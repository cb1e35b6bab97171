import { uniqueId } from '../../../src/ids.js';
import { waitFor } from '../../../src/wait-for.js';
import { Attempts, type Outcome } from './attempts.js';
import { LEASE_TTL_SECONDS, urlOf, type Fleet } from './fleet.js';

const BEAT_MS = 500;
const IDLE_HOSTS = 30;
const GAME_SLOTS = 12;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A slot that a client was promised, and until when (ms since 1970). */
interface Promised {
  readonly hostId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Hosts of one region that heartbeat, clients that look for a match, and others that create rooms. Streaming hosts always
 * say that they are idle, with one slot free, also those that are in the middle of a session. A game server reports the
 * rooms that it holds; all of its slots are soon taken by rooms that somebody stays in.
 */
export class PoolLoad {
  readonly promised: Promised[] = [];
  /** Rooms that were created. */
  readonly rooms: string[] = [];
  readonly #inSession: string[] = [];
  readonly #game = { hostId: uniqueId('game'), held: new Set<string>() };
  readonly #timers: NodeJS.Timeout[] = [];
  #turn = 0;
  matches: Attempts | undefined;
  creates: Attempts | undefined;

  constructor(
    private readonly fleet: Fleet,
    readonly region: string,
  ) {}

  /** Heartbeats from now on, of hosts that meet their clients in these rooms, of idle ones, and of a game server. */
  async begin(sessionRooms: readonly string[]): Promise<void> {
    for (const roomId of sessionRooms) {
      const hostId = `host-of-${roomId}`;
      this.#inSession.push(hostId);
      await this.#live(() => this.#beatIdle(hostId, roomId));
    }
    const listed = () => this.#ask('GET', '/api/hosts');
    await waitFor(async () => {
      const hosts = (await listed()).body as unknown as { hostId: string; sessions: number }[];
      return this.#inSession.every((id) => hosts.find(({ hostId }) => hostId === id)?.sessions === 1);
    }, 'the sessions are known');
    const idle = Array.from({ length: IDLE_HOSTS }, () => uniqueId('idle'));
    await Promise.all(idle.map((hostId) => this.#live(() => this.#beatIdle(hostId, uniqueId('room')))));
    await this.#live(() => this.#beatGame());
    this.matches = new Attempts(50, () => this.#find());
    this.creates = new Attempts(200, () => this.#create());
  }

  /** Resolves when all rooms are made that the game server has slots for, and it holds them. */
  async isFull(): Promise<void> {
    await waitFor(() => this.#game.held.size === GAME_SLOTS, 'the game server is full');
  }

  async end(): Promise<void> {
    await Promise.all([this.matches?.stop(), this.creates?.stop()]);
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** The host that meets its client in a room. */
  hostOf(roomId: string): string | undefined {
    return this.#inSession.find((hostId) => hostId.endsWith(roomId));
  }

  /** Slots that were given to two at once, or while somebody played there (P1, P2). */
  get doubles(): string[] {
    const busy = this.promised.filter(({ hostId }) => this.#inSession.includes(hostId));
    const twice = this.promised.filter((one, at) =>
      this.promised
        .slice(at + 1)
        .some(
          (other) => other.hostId === one.hostId && one.fromMs < other.untilMs && other.fromMs < one.untilMs,
        ),
    );
    const rooms = this.rooms.slice(GAME_SLOTS).map((roomId) => `room ${roomId}`);
    return [...busy, ...twice].map(({ hostId }) => hostId).concat(rooms);
  }

  /** What the gateway says of each room that was created. */
  states(): Promise<Answer[]> {
    return Promise.all(
      this.rooms.map((roomId) => ask('GET', urlOf(this.fleet.gateway, `/api/rooms/${roomId}`))),
    );
  }

  /** How many rooms the game server holds. */
  get held(): number {
    return this.#game.held.size;
  }

  async #find(): Promise<Outcome> {
    const { status, body } = await this.#ask('POST', '/api/match/find', { region: this.region });
    if (status === 503 && body['code'] === 'redis_unavailable') return 'refused';
    if (status === 404) return 'served';
    if (status !== 200) return `unexpected: ${status} ${String(body['code'])}`;
    const untilMs = Number(body['expiresAt']);
    this.promised.push({
      hostId: String(body['hostId']),
      fromMs: untilMs - LEASE_TTL_SECONDS * 1_000,
      untilMs,
    });
    return 'served';
  }

  async #create(): Promise<Outcome> {
    const url = urlOf(this.fleet.gateway, '/api/rooms');
    const { status, body } = await ask('POST', url, { region: `${this.region}-game` });
    if (status === 201) this.rooms.push(String(body['roomId']));
    if (status === 201 || body['code'] === 'no_capacity') return 'served';
    return body['code'] === 'redis_unavailable' ? 'refused' : `unexpected: ${status} ${String(body['code'])}`;
  }

  /** One heartbeat after the other, as hosts do; what fails is said again with the next one. */
  async #live(beat: () => Promise<void>): Promise<void> {
    await beat();
    let isBusy = false;
    const timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      void beat()
        .catch(() => {})
        .finally(() => (isBusy = false));
    }, BEAT_MS);
    this.#timers.push(timer);
  }

  async #beatIdle(hostId: string, roomId: string): Promise<void> {
    const { region } = this;
    await this.#heartbeat({ hostId, roomId, region, status: 'idle', capacity: 1, availableSlots: 1 });
  }

  async #beatGame(): Promise<void> {
    const { hostId, held } = this.#game;
    const { body } = await this.#heartbeat({
      hostId,
      roomId: `room-${hostId}`,
      region: `${this.region}-game`,
      address: '192.0.2.7:7777',
      capacity: GAME_SLOTS,
      availableSlots: GAME_SLOTS - held.size,
      rooms: [...held].map((roomId) => ({ roomId, players: 1 })),
    });
    for (const { roomId } of (body['assignments'] ?? []) as { roomId: string }[]) held.add(roomId);
    for (const roomId of (body['released'] ?? []) as string[]) held.delete(roomId);
  }

  #heartbeat(body: object): Promise<Answer> {
    return this.#ask('POST', '/api/host/heartbeat', body);
  }

  #ask(method: string, path: string, body?: object): Promise<Answer> {
    const matchmaker = this.fleet.matchmakers[this.#turn++ % 2] ?? this.fleet.matchmakers[0];
    return ask(method, urlOf(matchmaker, path), body, this.fleet.hostSecret);
  }
}

async function ask(method: string, url: string, body?: object, bearer = ''): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
