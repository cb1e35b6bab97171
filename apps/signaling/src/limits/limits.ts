import type { SignalingConfig } from '@parley/config';
import { SharedLimiter, type RedisConnection, type TakenAlong } from '@parley/redis-scripts';
import { TokenBucket } from './token-bucket.js';

/** Every limit of signaling is for any ten seconds. */
export const LIMIT_WINDOW_MS = 10_000;

/** How much clients may ask of all instances together (E1). */
export class Limits {
  readonly #connections: SharedLimiter;
  readonly #ipMessages: SharedLimiter;
  readonly #roomMessages: SharedLimiter;

  constructor(
    redis: RedisConnection,
    private readonly config: Pick<
      SignalingConfig,
      | 'RATE_LIMIT_CONN_PER_10S'
      | 'RATE_LIMIT_MESSAGES_PER_10S'
      | 'RATE_LIMIT_IP_MSGS_PER_10S'
      | 'RATE_LIMIT_ROOM_MSGS_PER_10S'
    >,
  ) {
    const shared = (name: string, limit: number, quietMs = 0, isOfRooms = false) =>
      new SharedLimiter(redis, { name, limit, windowMs: LIMIT_WINDOW_MS, quietMs, isOfRooms });
    this.#connections = shared('signaling-connections', config.RATE_LIMIT_CONN_PER_10S);
    const quietMs = LIMIT_WINDOW_MS;
    this.#ipMessages = shared('signaling-ip-messages', config.RATE_LIMIT_IP_MSGS_PER_10S, quietMs);
    this.#roomMessages = shared(
      'signaling-room-messages',
      config.RATE_LIMIT_ROOM_MSGS_PER_10S,
      quietMs,
      true,
    );
  }

  /** May an address connect once more? */
  async allowConnection(ip: string): Promise<boolean> {
    return (await this.#connections.take(ip)).allowed;
  }

  /** A new member's own limit; it is on one instance only, so it needs no sharing. */
  forMember(): TokenBucket {
    return new TokenBucket(this.config.RATE_LIMIT_MESSAGES_PER_10S, LIMIT_WINDOW_MS);
  }

  /**
   * May a message go from an address to a room? At once while tokens are in hand. What the address may not say costs the
   * room nothing.
   * @param waiting how many messages wait to be asked about, this one included
   */
  allowMessage(ip: string, roomId: string, waiting = 1): boolean | Promise<boolean> {
    const ofIp = this.#ipMessages.take(ip, 1, waiting);
    if (!(ofIp instanceof Promise)) return ofIp.allowed && this.#allowInRoom(roomId, waiting);
    // Both draws under way at once: a message waits for one round trip, not for two. Not for all that wait: what an
    // address is refused in the end must not keep tokens from other instances meanwhile.
    this.#roomMessages.prepare(roomId);
    return ofIp.then(({ allowed }) => allowed && this.#allowInRoom(roomId, waiting));
  }

  /** Let a join, which asks Redis anyway, draw for the messages that follow it. @throws what `join` does */
  withJoin<T extends TakenAlong>(roomId: string, join: (draw: string) => Promise<T>): Promise<T> {
    return this.#roomMessages.along(roomId, join);
  }

  #allowInRoom(roomId: string, waiting: number): boolean | Promise<boolean> {
    const ofRoom = this.#roomMessages.take(roomId, 1, waiting);
    return ofRoom instanceof Promise ? ofRoom.then(({ allowed }) => allowed) : ofRoom.allowed;
  }
}
