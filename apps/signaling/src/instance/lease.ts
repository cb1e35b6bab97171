import type { InstanceState, InstanceStore, RedisConnection } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';

/** A dead instance is noticed at the latest after LEASE + BEAT = 8 s (S5 asks for 10). */
const BEAT_MS = 2_000;
const LEASE_MS = 6_000;
/** A sign of life that is later than this and an instance that is not subscribed: it is gone. */
const OVERDUE_MS = 2_500;

interface LeaseParts {
  readonly redis: RedisConnection;
  readonly instances: InstanceStore;
  readonly instanceId: string;
  readonly logger: Logger;
  /** Whether Redis may still know members of this instance. */
  readonly hasRooms: () => boolean;
  /** How many connections there are here, for operators. */
  readonly members: () => number;
  /** Redis answered. */
  readonly onBeat: () => void;
  /** This instance had counted as dead, or Redis has lost its data: say again who is here. */
  readonly onLapsed: () => void;
  /** Instances whose lease has ended; only told once this one has been alive for a whole lease. */
  readonly onDead: (instanceIds: readonly string[]) => void;
}

/** This instance's sign of life. */
export class Lease {
  #timer: NodeJS.Timeout | undefined;
  #aliveSince: number | undefined;
  #lapsedAt: number | undefined;
  #lastBeatAt = -Infinity;
  #recheck: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly parts: LeaseParts) {}

  /**
   * Whether others that seem dead are: after an outage every lease has ended, and each needs time to say that it
   * lives.
   */
  get mayJudge(): boolean {
    const now = performance.now();
    const isLong = this.#aliveSince !== undefined && now - this.#aliveSince >= LEASE_MS;
    return isLong && now - this.#lastBeatAt < LEASE_MS;
  }

  /** Tell apart instances whose members may be retired, and those of which it will be known shortly. */
  async judge(instanceIds: readonly string[]): Promise<{ dead: string[]; suspects: string[] }> {
    const times = { leaseMs: LEASE_MS, overdueMs: OVERDUE_MS };
    const states = await this.parts.instances.statesOf(instanceIds, times);
    // After an outage everybody is silent and overdue until it has reconnected.
    const isCalm = this.#lapsedAt === undefined || performance.now() - this.#lapsedAt >= LEASE_MS;
    const those = (isMeant: (state: InstanceState | undefined) => boolean) =>
      instanceIds.filter((_, i) => isMeant(states[i]));
    return {
      dead: those((state) => (state === 'expired' && this.mayJudge) || (state === 'gone' && isCalm)),
      suspects: those((state) => state === 'silent' && isCalm),
    };
  }

  /** Redis was away, or has lost data: nobody is judged until everybody had time to come back; then all are looked at. */
  noticeLoss(): void {
    this.#aliveSince = this.#lapsedAt = performance.now();
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => this.parts.onLapsed(), LEASE_MS + BEAT_MS);
  }

  /** First sign of life, then one every 2 s. */
  async start(): Promise<void> {
    await this.#beat();
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.start(), BEAT_MS);
  }

  /**
   * No more signs of life. The lease is given back; or it ends by itself, so that the others retire the members that Redis
   * could not be told of.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#recheck);
    if (this.parts.hasRooms()) return;
    await this.parts.instances.stops(this.parts.instanceId).catch(() => {});
  }

  async #beat(): Promise<void> {
    const { redis, instances, instanceId, logger, members } = this.parts;
    try {
      // An open circuit would refuse for longer than a lease lasts; asking closes it.
      if (redis.isCircuitOpen) await redis.ping();
      const { lapsed, dead } = await instances.beat(instanceId, LEASE_MS, members());
      if (this.#isClosed) return;
      this.#lastBeatAt = performance.now();
      if (lapsed) this.#lapsed();
      this.parts.onBeat();
      if (dead.length > 0 && this.mayJudge) this.parts.onDead(dead);
    } catch (error) {
      logger.debug({ err: error }, 'no sign of life could be given');
    }
  }

  #lapsed(): void {
    if (this.#aliveSince === undefined) this.#aliveSince = performance.now();
    else {
      this.noticeLoss();
      this.parts.onLapsed();
    }
  }
}
