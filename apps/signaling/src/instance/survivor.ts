import type { InstanceStore, Presence, SignalingStore } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';
import type { SignalingMetrics } from '../metrics.js';
import { LEASE_MS } from './lease.js';

interface SurvivorParts {
  /** How long members of `parley.v1` may be away from the instance's last sign of life. */
  readonly graceMs: number;
  /** An absence in a room ends in so many ms. */
  readonly absences: { expect(roomId: string, inMs: number): void };
  /** Note that this instance has something to do in a room, should it die itself. */
  readonly index: { add(roomId: string): Promise<void> };
  readonly instances: InstanceStore;
  readonly store: SignalingStore;
  readonly metrics: SignalingMetrics;
  readonly logger: Logger;
  readonly onPresence: (presence: Presence) => void;
}

/** Cleans up after dead instances (S5). All survivors do; each room's script has an effect for the first one only. */
export class Survivor {
  readonly #underWay = new Set<string>();

  constructor(private readonly parts: SurvivorParts) {}

  /** Retire the members of dead instances, room by room. What fails is tried again when they are named again. */
  retire(instanceIds: readonly string[]): void {
    for (const instanceId of instanceIds) {
      if (this.#underWay.has(instanceId)) continue;
      this.#underWay.add(instanceId);
      this.#retireOne(instanceId)
        .catch((error: unknown) => this.parts.logger.warn({ err: error, instanceId }, 'not retired yet'))
        .finally(() => this.#underWay.delete(instanceId));
    }
  }

  async #retireOne(instanceId: string): Promise<void> {
    const { instances, metrics, logger } = this.parts;
    const awayUntilMs = await this.#graceEnd(instanceId);
    let retired = 0;
    for (;;) {
      const rooms = await instances.someRooms(instanceId);
      if (rooms.length === 0) break;
      const counts = await Promise.all(
        rooms.map((roomId) => this.#retireIn(roomId, instanceId, awayUntilMs)),
      );
      retired += counts.reduce((sum, count) => sum + count, 0);
      await instances.removeRooms(instanceId, rooms);
    }
    await instances.forget(instanceId);
    metrics.retired.inc(retired);
    logger.warn({ instanceId, retired }, 'retired the members of a dead instance');
  }

  /** Retire a dead instance's members in one room. @throws RedisUnavailableError */
  async retireIn(roomId: string, instanceId: string): Promise<void> {
    await this.#retireIn(roomId, instanceId, await this.#graceEnd(instanceId));
  }

  /** ms since 1970; 0 for an instance that is long gone. */
  async #graceEnd(instanceId: string): Promise<number> {
    const leaseEnd = await this.parts.instances.leaseEnd(instanceId);
    return leaseEnd === undefined ? 0 : leaseEnd - LEASE_MS + this.parts.graceMs;
  }

  async #retireIn(roomId: string, instanceId: string, awayUntilMs: number): Promise<number> {
    const { retired, nextMs, presence } = await this.parts.store.retire(roomId, instanceId, awayUntilMs);
    if (nextMs !== undefined) {
      // Whoever finds this instance dead has to look there, since the dead one's own list is about to go.
      await this.parts.index.add(roomId);
      this.parts.absences.expect(roomId, nextMs);
    }
    if (presence) this.parts.onPresence(presence);
    return retired;
  }
}
