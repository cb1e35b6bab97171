import type { Cluster, Redis } from 'ioredis';
import type { RedisConnection } from '../connection/connection.js';

/** What a subscriber tells its owner. */
export interface SubscriberEvents {
  /** An entry was published in a room. */
  readonly onEntry: (roomId: string, entry: string) => void;
  /** The subscriptions stand again after they were lost: entries may have been missed meanwhile. */
  readonly onResubscribed: () => void;
  readonly onProblem?: (error: Error) => void;
}

/** Subscribed in one command at most, so that ten thousand rooms do not become one command of megabytes. */
const CHANNELS_AT_ONCE = 500;

/** This instance's subscriptions to rooms: only those it has members in (S7). Construction does no I/O. */
export class RoomSubscriber {
  readonly #client: Redis | Cluster;
  readonly #prefixLength: number;
  readonly #rooms = new Set<string>();
  #wanted = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();
  #unwanted = new Set<string>();
  #isScheduled = false;
  #wasReady = false;

  constructor(
    private readonly redis: RedisConnection,
    private readonly events: SubscriberEvents,
  ) {
    this.#client = redis.createSubscriber();
    this.#prefixLength = redis.keys.room.channelPrefix().length;
  }

  /** Connect, and keep connected until `close`. Resolves at once when Redis is away: it is retried. */
  async connect(): Promise<void> {
    const client = this.#client;
    // Done below instead, where the end of it is known.
    if (!client.isCluster) (client as Redis).options.autoResubscribe = false;
    client.on('error', (error: Error) => this.events.onProblem?.(error));
    client.on('ready', () => void this.#ready());
    client.on(client.isCluster ? 'smessage' : 'message', (channel: string, entry: string) => {
      this.events.onEntry(channel.slice(this.#prefixLength, -1), entry);
    });
    await client.connect().catch((error: unknown) => this.events.onProblem?.(error as Error));
  }

  /**
   * Subscribe to a room. Those of one tick go together.
   * @throws when Redis cannot be reached right now
   */
  subscribe(roomId: string): Promise<void> {
    this.#unwanted.delete(roomId);
    return new Promise((resolve, reject) => {
      this.#wanted.set(roomId, { resolve, reject });
      this.#schedule();
    });
  }

  /** End a room's subscription. */
  unsubscribe(roomId: string): void {
    this.#rooms.delete(roomId);
    this.#unwanted.add(roomId);
    this.#schedule();
  }

  /** Disconnect. */
  close(): void {
    this.#client.disconnect();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    this.#isScheduled = false;
    const [wanted, unwanted] = [this.#wanted, this.#unwanted];
    [this.#wanted, this.#unwanted] = [new Map(), new Set()];
    // What fails here is gone with the connection anyway.
    if (unwanted.size > 0) void this.#send('unsubscribe', [...unwanted]).catch(() => {});
    const waiting = [...wanted];
    try {
      await this.#send(
        'subscribe',
        waiting.map(([roomId]) => roomId),
      );
      for (const [roomId, { resolve }] of waiting) {
        this.#rooms.add(roomId);
        resolve();
      }
    } catch (error) {
      for (const [, { reject }] of waiting) reject(error);
    }
  }

  async #send(verb: 'subscribe' | 'unsubscribe', roomIds: readonly string[]): Promise<void> {
    const channels = roomIds.map((roomId) => this.redis.keys.room.channel(roomId));
    const client = this.#client;
    if (client.isCluster) {
      // A sharded command takes channels of one slot only.
      await Promise.all(
        channels.map((channel) =>
          verb === 'subscribe' ? client.ssubscribe(channel) : client.sunsubscribe(channel),
        ),
      );
      return;
    }
    for (let i = 0; i < channels.length; i += CHANNELS_AT_ONCE) {
      await client[verb](...channels.slice(i, i + CHANNELS_AT_ONCE));
    }
  }

  async #ready(): Promise<void> {
    const isFirst = !this.#wasReady;
    this.#wasReady = true;
    if (isFirst) return;
    try {
      if (!this.#client.isCluster) await this.#send('subscribe', [...this.#rooms]);
      this.events.onResubscribed();
    } catch (error) {
      this.events.onProblem?.(error as Error);
    }
  }
}
