import type { RedisConnection } from '../connection/connection.js';
import { decodeMembers, decodePresence } from './decode.js';
import { encodeMessages } from './entry.js';
import { v1Keys } from './room-keys.js';
import {
  roomV1Chat,
  roomV1Enter,
  roomV1Expire,
  roomV1Leave,
  roomV1Log,
  roomV1Reclaim,
  roomV1Send,
  roomV1Token,
  roomV1Unlog,
} from './scripts.js';
import type { SignalingStoreOptions } from './store.js';
import type { Presence, RelayedMessage, SendResult } from './types.js';
import { decodeEntered, encodeUser } from './v1-decode.js';
import type { Departure, V1Claim, V1EnterResult, V1Entrant, V1Record } from './v1-types.js';

/** What rooms keep for members that speak `parley.v1`. */
export interface V1StoreOptions extends SignalingStoreOptions {
  /** How long the place of a member that is away is kept. */
  readonly graceMs: number;
  readonly chatMaxEntries: number;
  readonly chatMaxBytes: number;
}

/** Rooms with members that speak `parley.v1` in Redis: sessions, absences, backlog, chat. Every method is one script. */
export class V1Store {
  readonly #common: { publish: string; aliveMs: number; ttlMs: number };

  constructor(
    private readonly redis: RedisConnection,
    private readonly options: V1StoreOptions,
  ) {
    this.#common = {
      publish: redis.isCluster ? 'SPUBLISH' : 'PUBLISH',
      aliveMs: options.aliveMs,
      ttlMs: options.roomTtlMs,
    };
  }

  /**
   * Let a member join, or resume with its token.
   * @param force take it over from an instance that does not let go of it
   * @throws RedisUnavailableError
   */
  async enter(roomId: string, entrant: V1Entrant, force = false): Promise<V1EnterResult> {
    const { memberId, evidence, userId, tokenHash, presented } = entrant;
    const { publish, aliveMs, ttlMs } = this.#common;
    const answer = (await this.redis.run(roomV1Enter, {
      keys: this.#keys(roomId),
      argv: {
        publish,
        aliveMs,
        ttlMs,
        instanceId: this.options.instanceId,
        capacity: this.options.capacity,
        heldTtlMs: this.options.heldTtlMs,
        memberId,
        evidence,
        user: encodeUser(userId),
        tokenHash,
        presented: presented?.memberId ?? '',
        presentedHash: presented?.tokenHash ?? '',
        force: force ? 1 : 0,
      },
    })) as [V1EnterResult['outcome'], ...unknown[]];
    const [outcome, first] = answer;
    if (outcome === 'full') return { outcome, members: decodeMembers(first as string[]) };
    if (outcome === 'elsewhere') return { outcome, instanceId: first as string };
    return decodeEntered(roomId, [memberId, presented?.memberId ?? ''], answer);
  }

  /** Publish messages and keep them, or hold them while nobody else is there. @throws RedisUnavailableError */
  async send(roomId: string, messages: readonly RelayedMessage[]): Promise<SendResult> {
    const { instanceId, heldMaxMessages, heldMaxBytes, heldTtlMs } = this.options;
    const { publish, aliveMs, ttlMs } = this.#common;
    const body = encodeMessages(instanceId, messages);
    const [outcome, number] = (await this.redis.run(roomV1Send, {
      keys: this.#keys(roomId),
      argv: { publish, aliveMs, ttlMs, body, heldMaxMessages, heldMaxBytes, heldTtlMs },
      rest: flat(messages),
    })) as [SendResult['outcome'], string | number];
    return outcome === 'held' ? { outcome, dropped: Number(number) } : { outcome };
  }

  /**
   * Write out what this instance has kept to itself, and say that it sends everything through Redis from now on.
   * @param record what it has kept since `unlog` answered that index
   * @param departures members that go away with that
   * @returns when the next absence ends, ms from now
   * @throws RedisUnavailableError
   */
  async log(
    roomId: string,
    { messages, gaps, index }: V1Record,
    departures: readonly Departure[] = [],
  ): Promise<number | undefined> {
    const { instanceId, graceMs } = this.options;
    const [, nextMs] = (await this.redis.run(roomV1Log, {
      keys: this.#keys(roomId),
      argv: {
        ...this.#common,
        instanceId,
        graceMs,
        index,
        awayCount: departures.length,
        gapCount: gaps.length,
      },
      rest: [
        ...departures.flatMap(({ memberId, sent, agoMs }) => [memberId, sent, Math.round(agoMs)]),
        ...gaps.flatMap(({ from, to, n, index: at }) => [from, to ?? '-', n, at]),
        ...flat(messages),
      ],
    })) as [string, number];
    return nextMs < 0 ? undefined : nextMs;
  }

  /**
   * Say that this instance keeps messages to itself from now on.
   * @returns an index that tells those messages from what anybody who joins later has to get
   * @throws RedisUnavailableError
   */
  async unlog(roomId: string): Promise<number> {
    const { instanceId } = this.options;
    const [, index] = (await this.redis.run(roomV1Unlog, {
      keys: this.#keys(roomId),
      argv: { instanceId },
    })) as [string, number];
    return index;
  }

  /** Take members of this instance out of a room. @throws RedisUnavailableError */
  async leave(roomId: string, memberIds: readonly string[]): Promise<Presence | undefined> {
    const answer = (await this.redis.run(roomV1Leave, {
      keys: this.#keys(roomId),
      argv: { ...this.#common, instanceId: this.options.instanceId },
      rest: memberIds,
    })) as unknown[];
    return decodePresence(roomId, answer.slice(2));
  }

  /**
   * Take out who has been away for too long.
   * @returns how many those were, and when the next absence ends, ms from now
   * @throws RedisUnavailableError
   */
  async expire(roomId: string): Promise<{ expired: number; nextMs?: number; presence?: Presence }> {
    const [, expired, nextMs, ...binding] = (await this.redis.run(roomV1Expire, {
      keys: this.#keys(roomId),
      argv: this.#common,
    })) as [string, number, number, ...unknown[]];
    const presence = decodePresence(roomId, binding);
    return { expired, ...(nextMs >= 0 && { nextMs }), ...(presence && { presence }) };
  }

  /** Note that a member has the token of its welcome: the one before ends. @throws RedisUnavailableError */
  async confirmToken(roomId: string, memberId: string, tokenHash: string): Promise<void> {
    await this.redis.run(roomV1Token, { keys: this.#keys(roomId), argv: { memberId, tokenHash } });
  }

  /**
   * Say again which members this instance has.
   * @returns those that another instance has taken over
   * @throws RedisUnavailableError
   */
  async reclaim(roomId: string, claims: readonly V1Claim[]): Promise<string[]> {
    const [, taken] = (await this.redis.run(roomV1Reclaim, {
      keys: this.#keys(roomId),
      argv: { ...this.#common, instanceId: this.options.instanceId },
      rest: claims.flatMap(({ memberId, evidence, order, sent, userId, tokenHash }) => [
        memberId,
        evidence,
        order ?? '',
        sent,
        encodeUser(userId),
        tokenHash,
      ]),
    })) as [string, string[]];
    return taken;
  }

  /**
   * Say something to all.
   * @param rest JSON of the message's fields but for type, id and time, without its braces
   * @returns number of its entry and the message; undefined when the member is gone
   * @throws RedisUnavailableError
   */
  async chat(
    roomId: string,
    memberId: string,
    n: number,
    rest: string,
  ): Promise<{ seq: number; text: string } | undefined> {
    const { chatMaxEntries: maxEntries, chatMaxBytes: maxBytes } = this.options;
    const [status, seq, text] = (await this.redis.run(roomV1Chat, {
      keys: this.#keys(roomId),
      argv: { ...this.#common, memberId, n, rest, maxEntries, maxBytes },
    })) as [string, string, string];
    return status === 'ok' ? { seq: Number(seq), text } : undefined;
  }

  /** Tell all instances of a room something that nobody has to get. @throws RedisUnavailableError */
  async hint(roomId: string, text: string): Promise<void> {
    const channel = this.redis.keys.room.channel(roomId);
    // An entry's number comes first; none has this one.
    const hint = `0\n${text}`;
    await this.redis.command('room-hint', (client) =>
      this.redis.isCluster ? client.spublish(channel, hint) : client.publish(channel, hint),
    );
  }

  #keys(roomId: string) {
    return v1Keys(this.redis.keys, roomId);
  }
}

function flat(messages: readonly RelayedMessage[]): (string | number)[] {
  return messages.flatMap(({ from, n, text, to }) => [from, n, to ?? '-', text]);
}
