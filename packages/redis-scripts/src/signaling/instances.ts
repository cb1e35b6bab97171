import type { RedisConnection } from '../connection/connection.js';
import { instanceBeat, instanceForget, instanceStates } from './scripts.js';

/** Most dead instances that one beat names, and most rooms that one look at a dead instance takes. */
const DEAD_MAX = 8;
const ROOMS_AT_ONCE = 100;

/** Longer than any room lives in Redis without being confirmed: nobody has to look there after that. */
const ROOMS_TTL_MS = 2 * 86_400_000;

/**
 * `expired`: its lease ended; `silent`: it is not subscribed to its own channel; `gone`: it is silent, and its sign of
 * life is overdue.
 */
export type InstanceState = 'alive' | 'expired' | 'silent' | 'gone';

/** Signaling instances as leases: each refreshes one number, so nothing has to be refreshed per member. */
export class InstanceStore {
  constructor(private readonly redis: RedisConnection) {}

  /**
   * Refresh an instance's lease.
   * @param members how many it has, for the overview
   * @returns whether it had lapsed (the others may have retired its members), and whose leases have ended
   * @throws RedisUnavailableError
   */
  async beat(instanceId: string, leaseMs: number, members = 0): Promise<{ lapsed: boolean; dead: string[] }> {
    const [status, dead] = (await this.redis.run(instanceBeat, {
      keys: this.#withMembers,
      argv: { instanceId, leaseMs, deadMax: DEAD_MAX, members },
    })) as [string, string[]];
    return { lapsed: status === 'lapsed', dead };
  }

  /** How some instances are, in their order. @throws RedisUnavailableError */
  async statesOf(instanceIds: readonly string[], times: { leaseMs: number; overdueMs: number }) {
    const [, states] = (await this.redis.run(instanceStates, {
      keys: this.#keys,
      argv: {
        publish: this.redis.isCluster ? 'SPUBLISH' : 'PUBLISH',
        channels: this.redis.keys.instance.channelPrefix(),
        ...times,
      },
      rest: instanceIds,
    })) as [string, InstanceState[]];
    return states;
  }

  /**
   * Ask something of an instance.
   * @returns false when it is not subscribed: it is dead, or reconnects
   * @throws RedisUnavailableError
   */
  async ask(instanceId: string, request: string): Promise<boolean> {
    const channel = this.redis.keys.instance.channelPrefix() + instanceId;
    const listeners = (await this.redis.command('instance-ask', (client) =>
      this.redis.isCluster ? client.spublish(channel, request) : client.publish(channel, request),
    )) as number;
    return listeners > 0;
  }

  /** When an instance's lease ends or ended, ms since 1970; undefined for one that is not known. @throws RedisUnavailableError */
  async leaseEnd(instanceId: string): Promise<number | undefined> {
    const key = this.redis.keys.instance.leases();
    const ends = await this.redis.command('instance-lease', (client) => client.zscore(key, instanceId));
    return ends === null ? undefined : Number(ends);
  }

  /** Say that this instance stops. @throws RedisUnavailableError */
  async stops(instanceId: string): Promise<void> {
    await this.redis.run(instanceForget, { keys: this.#withMembers, argv: { instanceId, stops: 1 } });
  }

  /** Forget a dead instance once its rooms are clean; one that lives again stays. @throws RedisUnavailableError */
  async forget(instanceId: string): Promise<void> {
    await this.redis.run(instanceForget, { keys: this.#withMembers, argv: { instanceId, stops: 0 } });
  }

  /** Note that an instance is about to have members in rooms, or has them still. @throws RedisUnavailableError */
  async addRooms(instanceId: string, roomIds: readonly string[]): Promise<void> {
    const key = this.redis.keys.instance.rooms(instanceId);
    await this.redis.command('instance-rooms', (client) =>
      Promise.all([client.sadd(key, ...roomIds), client.pexpire(key, ROOMS_TTL_MS)]),
    );
  }

  /** Note that an instance has no members in rooms any more. @throws RedisUnavailableError */
  async removeRooms(instanceId: string, roomIds: readonly string[]): Promise<void> {
    const key = this.redis.keys.instance.rooms(instanceId);
    await this.redis.command('instance-rooms', (client) => client.srem(key, ...roomIds));
  }

  /** Some of an instance's rooms; different ones for each that asks, so that survivors share the work. */
  async someRooms(instanceId: string): Promise<string[]> {
    const key = this.redis.keys.instance.rooms(instanceId);
    return this.redis.command('instance-rooms', (client) => client.srandmember(key, ROOMS_AT_ONCE));
  }

  get #withMembers() {
    return { ...this.#keys, members: this.redis.keys.instance.members() };
  }

  get #keys() {
    return { leases: this.redis.keys.instance.leases() };
  }
}
