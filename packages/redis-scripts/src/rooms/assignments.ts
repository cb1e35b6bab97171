import type { RedisConnection } from '../connection/connection.js';
import {
  assignRoomScript,
  dueHostsScript,
  expectHostScript,
  sayGoodbyeScript,
  settleHostScript,
} from './scripts.js';

/** Which rooms a host was given is forgotten so long after it was last heard of. */
const FORGET_MS = 3_600_000;

/** Most silent hosts that one gateway looks after at a time, and for how long they are its own. */
const DUE_COUNT = 16;
export const CLAIM_MS = 5_000;

/** A host that was not heard of in time, and until when it is the caller's (ms since 1970). */
export interface DueHost {
  readonly hostId: string;
  readonly claim: string;
}

/** More hosts than these are not remembered to be expected. */
const EXPECTED_MAX = 10_000;

/** A field of a host's list that is no room: how often the host said goodbye. */
const GOODBYES = '@goodbyes';

/** That a host is expected: good until a moment of this process' clock, unless it says goodbye once more. */
interface Expected {
  readonly until: number;
  readonly goodbyes: number;
}

/** Which rooms were given to which host, and until when each of these hosts has to be heard of. */
export class Assignments {
  /** Hosts that are expected already. */
  readonly #expected = new Map<string, Expected>();

  constructor(private readonly redis: RedisConnection) {}

  /** The rooms that a host was given. */
  async of(hostId: string): Promise<string[]> {
    const rooms = await this.known(hostId);
    return [...rooms].filter(([, isLost]) => !isLost).map(([roomId]) => roomId);
  }

  /** The rooms that a host was given, and for each whether the host lost it, and was not told yet. */
  async known(hostId: string): Promise<Map<string, boolean>> {
    const key = this.redis.keys.room.ofHost(hostId);
    const rooms = await this.redis.command('gateway-rooms-of-host', (client) => client.hgetall(key));
    delete rooms[GOODBYES];
    return new Map(Object.entries(rooms).map(([roomId, state]) => [roomId, state === 'lost']));
  }

  /**
   * A host is given a room; its rooms move when it is not heard of in time. It is expected for a while longer than
   * `hostTtlMs`, so that not every one of many rooms has to say so.
   */
  async add(hostId: string, roomId: string, hostTtlMs: number): Promise<void> {
    const goodbyes = await this.#put(hostId, roomId, 'given');
    await this.#expectOnce(hostId, goodbyes, hostTtlMs);
  }

  /** A host lost a room to another; it is told when it is heard of. */
  async lose(hostId: string, roomId: string): Promise<void> {
    await this.#put(hostId, roomId, 'lost');
  }

  async remove(hostId: string, roomIds: readonly string[]): Promise<void> {
    if (roomIds.length === 0) return;
    const key = this.redis.keys.room.ofHost(hostId);
    await this.redis.command('gateway-unassign', (client) => client.hdel(key, ...roomIds));
  }

  /** A host says goodbye: it is due at once. @returns the rooms that are its own */
  async goodbye(hostId: string): Promise<string[]> {
    const keys = { rooms: this.redis.keys.room.ofHost(hostId) };
    const argv = { forgetMs: FORGET_MS };
    // Who gives it a room after this knows that it is expected no more; who did so before is in the answer.
    const [, ...rooms] = (await this.redis.run(sayGoodbyeScript, { keys, argv })) as ['gone', ...string[]];
    await this.expect(hostId, 0);
    return rooms;
  }

  /** @param silenceMs how long a host with rooms may be silent from now on; 0: it is gone */
  async expect(hostId: string, silenceMs: number): Promise<void> {
    await this.redis.run(expectHostScript, { keys: this.#dueKeys(), argv: { hostId, silenceMs } });
  }

  /** A host with rooms was heard of. */
  async keep(hostId: string, hostTtlMs: number): Promise<void> {
    const key = this.redis.keys.room.ofHost(hostId);
    await Promise.all([
      this.redis.command('gateway-keep-rooms', (client) => client.pexpire(key, FORGET_MS)),
      this.expect(hostId, hostTtlMs),
    ]);
  }

  /** Hosts that were not heard of in time. They are the caller's for 5 s, then anybody's again. */
  async takeDue(): Promise<DueHost[]> {
    const argv = { count: DUE_COUNT, claimMs: CLAIM_MS };
    const keys = this.#dueKeys();
    const [, claim, ...hostIds] = (await this.redis.run(dueHostsScript, { keys, argv })) as [
      'due',
      string,
      ...string[],
    ];
    return hostIds.map((hostId) => ({ hostId, claim }));
  }

  /** Be done with a host that was due. @param retryMs when to look after it again; 0: it has no rooms any more */
  async settle({ hostId, claim }: DueHost, retryMs: number): Promise<void> {
    await this.redis.run(settleHostScript, { keys: this.#dueKeys(), argv: { hostId, claim, retryMs } });
  }

  async #expectOnce(hostId: string, goodbyes: number, hostTtlMs: number): Promise<void> {
    const now = performance.now();
    const known = this.#expected.get(hostId);
    if (known && now < known.until && known.goodbyes === goodbyes) return;
    await this.expect(hostId, 1.5 * hostTtlMs);
    if (this.#expected.size >= EXPECTED_MAX) this.#expected.clear();
    this.#expected.set(hostId, { until: now + hostTtlMs / 2, goodbyes });
  }

  /** @returns how often the host said goodbye */
  async #put(hostId: string, roomId: string, state: 'given' | 'lost'): Promise<number> {
    const keys = { rooms: this.redis.keys.room.ofHost(hostId) };
    const argv = { roomId, state, forgetMs: FORGET_MS };
    const [, goodbyes] = (await this.redis.run(assignRoomScript, { keys, argv })) as ['ok', number];
    return goodbyes;
  }

  #dueKeys() {
    return { due: this.redis.keys.room.hosts() };
  }
}
