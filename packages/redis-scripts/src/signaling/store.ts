import type { RedisConnection } from '../connection/connection.js';
import { decodeGrant, type GrantReply } from '../limits/shared-limiter.js';
import { decodeHeld, decodeMembers, decodePresence } from './decode.js';
import { encodeMessages } from './entry.js';
import { Publisher } from './publisher.js';
import { joinKeys, roomKeys, v1Keys } from './room-keys.js';
import { roomEvidence, roomHanded, roomJoin, roomLeave, roomRetire, roomSend } from './scripts.js';
import type { Entered, Entrant, Evidence, Presence, RelayedMessage, SendResult } from './types.js';

/** Bounds of the rooms that one signaling instance serves. */
export interface SignalingStoreOptions {
  readonly instanceId: string;
  readonly capacity: number;
  /** How long an empty room stays. */
  readonly roomTtlMs: number;
  /** A room with members is confirmed more often than this. */
  readonly aliveMs: number;
  readonly heldMaxMessages: number;
  readonly heldMaxBytes: number;
  readonly heldTtlMs: number;
}

/** What `room-join` returns. */
type JoinReply = [
  status: string,
  seq: string,
  members: string[],
  refused: string[],
  held: string[],
  entries: string[],
  added: number,
  grant: GrantReply | [],
  ...binding: unknown[],
];

/** Rooms of signaling in Redis: membership, held messages, the short log. Every method is one script. */
export class SignalingStore {
  readonly instanceId: string;
  readonly #publisher: Publisher;
  readonly #common: { publish: string; aliveMs: number; ttlMs: number };

  constructor(
    private readonly redis: RedisConnection,
    private readonly options: SignalingStoreOptions,
  ) {
    this.instanceId = options.instanceId;
    this.#common = {
      publish: redis.isCluster ? 'SPUBLISH' : 'PUBLISH',
      aliveMs: options.aliveMs,
      ttlMs: options.roomTtlMs,
    };
    this.#publisher = new Publisher(redis, this.#common);
  }

  /**
   * Enter members of this instance into a room, or confirm them.
   * @param since number of the last entry seen; then the answer brings those after it
   * @param dead instances whose members are retired first
   * @param draw what to draw of the room's limit besides (`SharedLimiter.along`)
   * @throws RedisUnavailableError
   */
  async join(
    roomId: string,
    entrants: readonly Entrant[],
    {
      since,
      dead = [],
      draw = '',
    }: { since?: number | undefined; dead?: readonly string[]; draw?: string } = {},
  ): Promise<Entered> {
    const { publish, aliveMs, ttlMs } = this.#common;
    const [, seq, members, refused, held, entries, added, grant, ...binding] = (await this.redis.run(
      roomJoin,
      {
        keys: joinKeys(this.redis.keys, roomId),
        argv: {
          publish,
          aliveMs,
          ttlMs,
          instanceId: this.instanceId,
          capacity: this.options.capacity,
          since: since ?? '',
          heldTtlMs: this.options.heldTtlMs,
          count: entrants.length,
          draw,
        },
        rest: [
          ...entrants.flatMap(({ memberId, evidence, order }) => [memberId, evidence, order ?? '']),
          ...dead,
        ],
      },
    )) as JoinReply;
    const presence = decodePresence(roomId, binding);
    return {
      seq: Number(seq),
      members: decodeMembers(members),
      refused,
      held: held.map(decodeHeld),
      entries,
      added,
      grant: decodeGrant(grant),
      ...(presence && { presence }),
    };
  }

  /** A member that joined has got what was held for it: nobody else is to. @throws RedisUnavailableError */
  async handed(roomId: string, memberId: string, held: readonly RelayedMessage[]): Promise<void> {
    const last = new Map(held.map(({ from, n }) => [from, n]));
    await this.redis.run(roomHanded, {
      keys: this.#keys(roomId),
      argv: { memberId },
      rest: [...last].flat(),
    });
  }

  /** Take members out of a room. @throws RedisUnavailableError */
  async leave(roomId: string, memberIds: readonly string[]): Promise<Presence | undefined> {
    const answer = (await this.redis.run(roomLeave, {
      keys: this.#keys(roomId),
      argv: this.#common,
      rest: memberIds,
    })) as unknown[];
    return decodePresence(roomId, answer.slice(2));
  }

  /**
   * Take a dead instance's members out of a room; those that speak `parley.v1` are away until a time, ms since 1970.
   * @returns how many there were, and when the next absence in the room ends, ms from now
   * @throws RedisUnavailableError
   */
  async retire(
    roomId: string,
    instanceId: string,
    awayUntilMs = 0,
  ): Promise<{ retired: number; nextMs?: number; presence?: Presence }> {
    const answer = (await this.redis.run(roomRetire, {
      keys: v1Keys(this.redis.keys, roomId),
      argv: { ...this.#common, instanceId, awayUntilMs },
    })) as unknown[];
    const presence = decodePresence(roomId, answer.slice(3));
    const nextMs = Number(answer[2]);
    return { retired: Number(answer[1]), ...(nextMs >= 0 && { nextMs }), ...(presence && { presence }) };
  }

  /**
   * Publish messages, or hold them while nobody else is there.
   * @param isAccompanied whether others are known to be there: the quick way then
   * @throws RedisUnavailableError
   */
  async send(
    roomId: string,
    messages: readonly RelayedMessage[],
    isAccompanied: boolean,
  ): Promise<SendResult> {
    const body = encodeMessages(this.instanceId, messages);
    const isPublished = isAccompanied && (await this.#publisher.publish({ keys: this.#keys(roomId), body }));
    if (isPublished) return { outcome: 'published' };
    return this.#sendOrHold(roomId, body);
  }

  /** Note a member's first offer or answer. @throws RedisUnavailableError */
  async showEvidence(roomId: string, memberId: string, evidence: Evidence): Promise<Presence | undefined> {
    const answer = (await this.redis.run(roomEvidence, {
      keys: this.#keys(roomId),
      argv: { memberId, evidence },
    })) as unknown[];
    return decodePresence(roomId, answer.slice(1));
  }

  async #sendOrHold(roomId: string, body: string): Promise<SendResult> {
    const { heldMaxMessages, heldMaxBytes, heldTtlMs } = this.options;
    const { publish, aliveMs } = this.#common;
    const [outcome, number] = (await this.redis.run(roomSend, {
      keys: this.#keys(roomId),
      argv: { publish, aliveMs, body, heldMaxMessages, heldMaxBytes, heldTtlMs },
    })) as [SendResult['outcome'], string | number];
    return outcome === 'held' ? { outcome, dropped: Number(number) } : { outcome };
  }

  #keys(roomId: string) {
    return roomKeys(this.redis.keys, roomId);
  }
}
