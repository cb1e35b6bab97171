import type { InstanceStore, Presence, SignalingStore } from '@parley/redis-scripts';
import type { Logger } from '@parley/runtime';
import type { SignalingMetrics } from '../metrics.js';

interface SurvivorParts {
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
    let retired = 0;
    for (;;) {
      const rooms = await instances.someRooms(instanceId);
      if (rooms.length === 0) break;
      const counts = await Promise.all(rooms.map((roomId) => this.#retireIn(roomId, instanceId)));
      retired += counts.reduce((sum, count) => sum + count, 0);
      await instances.removeRooms(instanceId, rooms);
    }
    await instances.forget(instanceId);
    metrics.retired.inc(retired);
    logger.warn({ instanceId, retired }, 'retired the members of a dead instance');
  }

  async #retireIn(roomId: string, instanceId: string): Promise<number> {
    const { retired, presence } = await this.parts.store.retire(roomId, instanceId);
    if (presence) this.parts.onPresence(presence);
    return retired;
  }
}
