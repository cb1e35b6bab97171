import type { Cluster, Redis } from 'ioredis';
import type { RedisConnection } from '../connection/connection.js';
import { asUnavailable } from '../connection/errors.js';

/** What a subscriber tells its owner. */
export interface SubscriberEvents {
  /** An entry was published in a room. */
  readonly onEntry: (roomId: string, entry: string) => void;
  /** The subscriptions stand again after they were lost: entries may have been missed meanwhile. */
  readonly onResubscribed: () => void;
  /** Another instance asks something of this one. */
  readonly onRequest?: (request: string) => void;
  readonly onProblem?: (error: Error) => void;
}

/** Most channels of one command, so that ten thousand rooms do not become one of megabytes. */
const CHANNELS_AT_ONCE = 500;

/** After the subscriptions were refused. */
const RETRY_MS = 1_000;

interface Waiting {
  readonly asked: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An instance's subscriptions: its own channel, and the rooms that it has members in and no others (S7). Construction
 * does no I/O.
 */
export class RoomSubscriber {
  readonly #client: Redis | Cluster;
  readonly #prefix: string;
  readonly #ownChannel: string;
  /** Rooms that are to be subscribed, each with the number of who asked last: they are again after the connection was lost. */
  readonly #rooms = new Map<string, number>();
  #lastAsked = 0;
  #wanted = new Map<string, Waiting>();
  #unwanted = new Set<string>();
  #isScheduled = false;
  #wasReady = false;

  constructor(
    private readonly redis: RedisConnection,
    instanceId: string,
    private readonly events: SubscriberEvents,
  ) {
    this.#client = redis.createSubscriber();
    this.#prefix = redis.keys.room.channelPrefix();
    this.#ownChannel = redis.keys.instance.channelPrefix() + instanceId;
  }

  /** Connect, and keep connected until `close`. Resolves at once when Redis is away: it is retried. */
  async connect(): Promise<void> {
    const client = this.#client;
    // Done below instead, where the end of it is known.
    if (!client.isCluster) (client as Redis).options.autoResubscribe = false;
    client.on('error', (error: Error) => this.events.onProblem?.(error));
    client.on('ready', () => void this.#ready());
    client.on(client.isCluster ? 'smessage' : 'message', (channel: string, entry: string) => {
      if (!channel.startsWith(this.#prefix)) {
        if (entry !== '') this.events.onRequest?.(entry);
        return;
      }
      this.events.onEntry(channel.slice(this.#prefix.length, -1), entry);
    });
    await client.connect().catch((error: unknown) => this.events.onProblem?.(error as Error));
  }

  /**
   * Subscribe to a room. Those of one tick go together.
   * @throws RedisUnavailableError
   */
  subscribe(roomId: string): Promise<void> {
    this.#unwanted.delete(roomId);
    return new Promise((resolve, reject) => {
      const asked = (this.#lastAsked += 1);
      this.#wanted.set(roomId, { asked, resolve, reject });
      this.#rooms.set(roomId, asked);
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
    if (unwanted.size > 0) void this.#send('unsubscribe', this.#channelsOf(unwanted)).catch(() => {});
    try {
      await this.#send('subscribe', this.#channelsOf(wanted.keys()));
      for (const { resolve } of wanted.values()) resolve();
    } catch (error) {
      for (const [roomId, waiting] of wanted) {
        if (this.#rooms.get(roomId) === waiting.asked) this.#rooms.delete(roomId);
        waiting.reject(asUnavailable(error) ?? error);
      }
    }
    this.#undo(wanted.keys());
  }

  /** Nobody wants them any more, but `unsubscribe` may have gone before `subscribe`; or Redis has done what failed. */
  #undo(roomIds: Iterable<string>): void {
    for (const roomId of roomIds) {
      if (this.#rooms.has(roomId)) continue;
      this.#unwanted.add(roomId);
      this.#schedule();
    }
  }

  #channelsOf(roomIds: Iterable<string>): string[] {
    return Array.from(roomIds, (roomId) => this.redis.keys.room.channel(roomId));
  }

  async #send(verb: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<void> {
    const client = this.#client;
    if (client.isCluster) {
      // A sharded command takes channels of one slot only.
      await Promise.all(channels.map((channel) => client[`s${verb}`](channel)));
      return;
    }
    for (let i = 0; i < channels.length; i += CHANNELS_AT_ONCE) {
      await client[verb](...channels.slice(i, i + CHANNELS_AT_ONCE));
    }
  }

  async #ready(): Promise<void> {
    const isFirst = !this.#wasReady;
    this.#wasReady = true;
    try {
      await this.#send('subscribe', [this.#ownChannel, ...this.#channelsOf(this.#rooms.keys())]);
      if (!isFirst) this.events.onResubscribed();
    } catch (error) {
      this.events.onProblem?.(error as Error);
      // Where the connection stands, nothing else would ask for the rooms again.
      setTimeout(() => {
        if (this.#client.status === 'ready') void this.#ready();
      }, RETRY_MS).unref();
    }
  }
}
