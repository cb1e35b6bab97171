import type { RedisConnection } from '../connection/connection.js';
import { dueHostsScript, expectHostScript, settleHostScript } from './scripts.js';

/** Which rooms a host was given is forgotten so long after it was last heard of. */
const FORGET_MS = 3_600_000;

/** Most silent hosts that one gateway looks after at a time, and for how long they are its own. */
const DUE_COUNT = 16;
const CLAIM_MS = 5_000;

/** A host that was not heard of in time, and until when it is the caller's (ms since 1970). */
export interface DueHost {
  readonly hostId: string;
  readonly claim: string;
}

/** Which rooms were given to which host, and until when each of these hosts has to be heard of. */
export class Assignments {
  constructor(private readonly redis: RedisConnection) {}

  /** The rooms that a host was given. */
  async of(hostId: string): Promise<string[]> {
    const key = this.redis.keys.room.ofHost(hostId);
    return this.redis.command('gateway-rooms-of-host', (client) => client.hkeys(key));
  }

  /** A host is given a room; it is heard of within `hostTtlMs`, or its rooms move. */
  async add(hostId: string, roomId: string, hostTtlMs: number): Promise<void> {
    const key = this.redis.keys.room.ofHost(hostId);
    await Promise.all([
      this.redis.command('gateway-assign', async (client) => {
        await client.hset(key, roomId, 1);
        await client.pexpire(key, FORGET_MS);
      }),
      this.expect(hostId, hostTtlMs),
    ]);
  }

  async remove(hostId: string, roomIds: readonly string[]): Promise<void> {
    if (roomIds.length === 0) return;
    const key = this.redis.keys.room.ofHost(hostId);
    await this.redis.command('gateway-unassign', (client) => client.hdel(key, ...roomIds));
  }

  /** A host with rooms was heard of. @param silenceMs how long it may be silent now; 0: it is gone */
  async expect(hostId: string, silenceMs: number): Promise<void> {
    await this.redis.run(expectHostScript, { keys: this.#dueKeys(), argv: { hostId, silenceMs } });
    if (silenceMs === 0) return;
    const key = this.redis.keys.room.ofHost(hostId);
    await this.redis.command('gateway-keep-rooms', (client) => client.pexpire(key, FORGET_MS));
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

  /** A host has no rooms any more. */
  async forget(hostId: string): Promise<void> {
    const key = this.redis.keys.room.hosts();
    await this.redis.command('gateway-forget-host', (client) => client.zrem(key, hostId));
  }

  #dueKeys() {
    return { due: this.redis.keys.room.hosts() };
  }
}
