import type { HeartbeatAnswer, IceServer } from '@parley/protocol';
import { refreshIceServers } from '../http/match.js';
import { request, urlOf } from '../http/request.js';
import { Emitter } from '../util/emitter.js';
import { randomId } from '../util/random-id.js';
import { Heartbeats } from './heartbeats.js';
import { HostRoom, type HostRoomParts } from './host-room.js';
import type { Assignment, HostEvents, HostOptions } from './options.js';

const GOODBYE_MS = 3_000;

/** A room that was given to the host. */
interface Given extends Assignment {
  /** Its own token; later ones of the host open it, too. */
  token?: string | undefined;
  isReported: boolean;
  /** Of a streaming host. */
  room?: HostRoom;
  /** Of a game server, as it says itself. */
  players: number;
}

/** A host in the pool: it lives, has rooms, and answers those who come. Made by {@link createHost}. */
export class Host extends Emitter<HostEvents> {
  readonly hostId: string;
  /** Its own room. */
  readonly roomId: string;
  readonly #given = new Map<string, Given>();
  readonly #heartbeats: Heartbeats;
  readonly #isStreaming: boolean;
  readonly #unlink: () => void;
  #iceServers: readonly IceServer[] = [];
  #own: HostRoom | undefined;
  #token: string | undefined;
  #isReady = false;
  #closing: Promise<void> | undefined;

  constructor(private readonly options: HostOptions) {
    super();
    this.hostId = options.hostId ?? randomId();
    this.roomId = options.roomId ?? `room-${this.hostId}`;
    this.#isStreaming = options.address === undefined;
    if (this.#isStreaming && (!options.signalingUrl || !options.createPeer)) {
      throw new TypeError('a streaming host needs signalingUrl and createPeer, a game server needs address');
    }
    const stop = () => void this.close();
    options.signal?.addEventListener('abort', stop, { once: true });
    this.#unlink = () => options.signal?.removeEventListener('abort', stop);
    this.#heartbeats = new Heartbeats({
      intervalMs: options.heartbeatMs,
      send: (signal, timeoutMs) => this.#heartbeat(signal, timeoutMs),
      accepted: (answer) => this.#accepted(answer),
      failed: (error) => this.emit('error', error),
    });
    if (options.signal?.aborted) queueMicrotask(stop);
  }

  /** The rooms that it was given. */
  get rooms(): readonly Assignment[] {
    return [...this.#given.values()].map(({ roomId, leaseId, expiresAt }) => ({
      roomId,
      leaseId,
      expiresAt,
    }));
  }

  /**
   * Whether a room is this host's. A player may be quicker than the news of its room: then the matchmaker is asked.
   * @returns false, too, when it does not answer within a heartbeat or two
   */
  async has(roomId: string): Promise<boolean> {
    if (!this.#given.has(roomId)) await this.#heartbeats.next();
    return this.#given.has(roomId);
  }

  /** Of a game server: how many play in a room. @returns false when it is not this host's */
  setPlayers(roomId: string, players: number): boolean {
    const given = this.#given.get(roomId);
    if (!given) return false;
    if (given.players !== players) this.#heartbeats.soon();
    given.players = players;
    return true;
  }

  /** A room that it was given is over; its slot is free again. @throws ParleyError when the matchmaker is not told */
  async closeRoom(roomId: string): Promise<void> {
    this.#drop(roomId);
    await this.#ask('POST', `/api/host/rooms/${encodeURIComponent(roomId)}/closed`, {
      body: { hostId: this.hostId },
    });
  }

  /** Leave all rooms, end all connections and tell the matchmaker. Never fails: a lost goodbye is noticed in time. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#unlink();
    this.#heartbeats.stop();
    this.#own?.close();
    for (const { room } of this.#given.values()) room?.close();
    try {
      const timeoutMs = this.options.goodbyeMs ?? GOODBYE_MS;
      await this.#ask('DELETE', `/api/host/${encodeURIComponent(this.hostId)}`, { timeoutMs });
    } catch (error) {
      this.emit('error', error);
    }
    this.emit('closed', undefined);
    this.removeListeners();
  }

  #ask<T>(
    method: string,
    path: string,
    options: { body?: unknown; signal?: AbortSignal; timeoutMs?: number },
  ): Promise<T> {
    const { matchmakerUrl, hostSecret } = this.options;
    return request(method, urlOf(matchmakerUrl, path), { ...options, token: hostSecret });
  }

  async #heartbeat(signal: AbortSignal, timeoutMs: number): Promise<HeartbeatAnswer> {
    if (this.#isStreaming && !this.#own && this.options.usesIceServers !== false)
      await this.#fetchIce(signal, timeoutMs);
    return this.#ask('POST', '/api/host/heartbeat', { signal, timeoutMs, body: this.#report() });
  }

  /** Without them it may still be reached; its sessions ask again. */
  async #fetchIce(signal: AbortSignal, timeoutMs: number): Promise<void> {
    const { matchmakerUrl } = this.options;
    try {
      this.#iceServers = (
        await refreshIceServers(matchmakerUrl, { signal, timeoutMs, retries: 0 })
      ).iceServers;
    } catch (error) {
      if (!signal.aborted) this.emit('error', error);
    }
  }

  #report(): object {
    const { region, capacity = 1, address, publicIp, labels } = this.options;
    for (const each of this.#given.values()) each.isReported = true;
    const given = [...this.#given.values()].map(({ roomId, room, players }) => ({
      roomId,
      players: room?.players ?? players,
    }));
    const own = this.#own?.players ?? 0;
    const inUse = own + given.filter(({ players }) => players > 0).length;
    return {
      hostId: this.hostId,
      roomId: this.roomId,
      region,
      status: 'idle',
      capacity,
      availableSlots: Math.max(0, capacity - inUse),
      address,
      publicIp,
      labels,
      rooms: this.#isStreaming ? [{ roomId: this.roomId, players: own }, ...given] : given,
    };
  }

  #accepted({ token, assignments = [], released = [] }: HeartbeatAnswer): void {
    this.#token = token;
    for (const given of this.#given.values()) if (given.isReported) given.token = undefined;
    if (this.#isStreaming) this.#own ??= this.#enter(this.roomId);
    else this.#ready();
    for (const assignment of assignments) this.#assigned(assignment);
    for (const roomId of released) {
      if (this.#drop(roomId)) this.emit('released', { roomId });
    }
  }

  #ready(): void {
    if (this.#isReady || this.#closing) return;
    this.#isReady = true;
    this.emit('ready', { hostId: this.hostId, roomId: this.roomId });
  }

  #enter(roomId: string): HostRoom {
    const { options } = this;
    const isOwn = roomId === this.roomId;
    const refresh = (signal: AbortSignal) => refreshIceServers(options.matchmakerUrl, { signal });
    const parts: HostRoomParts = {
      roomId,
      options,
      iceServers: this.#iceServers,
      refreshIce: options.usesIceServers === false ? undefined : refresh,
      token: () => this.#given.get(roomId)?.token ?? this.#token,
      entered: () => isOwn && this.#ready(),
      changed: () => this.#heartbeats.soon(),
      assigned: (assignment) => isOwn && this.#assigned(assignment),
      createPeer: (peer) => options.createPeer?.(peer),
      joined: (peer) => this.emit('peer', peer),
      left: (peer) => {
        this.emit('peer-left', peer);
        this.#heartbeats.soon();
      },
      failed: (error) => this.emit('error', error),
    };
    return new HostRoom(parts);
  }

  #assigned(assignment: Assignment): void {
    const { roomId } = assignment;
    if (this.#closing || typeof roomId !== 'string' || this.#given.has(roomId)) return;
    // It is open once it is reported; and where signaling wants tokens, the answer brings its own.
    this.#heartbeats.soon();
    if (this.#token !== undefined && assignment.token === undefined) return;
    const given: Given = { ...assignment, isReported: false, players: 0 };
    this.#given.set(roomId, given);
    if (this.#isStreaming) given.room = this.#enter(roomId);
    this.emit('assigned', assignment);
  }

  #drop(roomId: string): boolean {
    this.#given.get(roomId)?.room?.close();
    return this.#given.delete(roomId);
  }
}

/**
 * Be a host: heartbeat, open the rooms that gateways assign, answer whoever offers a connection, and say goodbye.
 * Answers at once; what comes of it is told to listeners.
 * @throws TypeError when neither a game server's nor a streaming host's options are complete
 */
export function createHost(options: HostOptions): Host {
  return new Host(options);
}
