import type { InstanceStore } from '@parley/redis-scripts';

/**
 * The rooms that this instance may have members in, written to Redis for those who find it dead. A room is there
 * before its first join and until after its last leave, so a crash in between leaves too much and never too little.
 */
export class RoomIndex {
  /** Latest wish for each room; those of one tick go together. */
  #changes = new Map<string, 'add' | 'remove'>();
  #flush: Promise<void> | undefined;

  constructor(
    private readonly instances: InstanceStore,
    private readonly instanceId: string,
  ) {}

  /** @throws RedisUnavailableError */
  add(roomId: string): Promise<void> {
    this.#changes.set(roomId, 'add');
    return this.#flushSoon();
  }

  /** Best effort: what stays is found to be empty by whoever looks. */
  remove(roomId: string): void {
    this.#changes.set(roomId, 'remove');
    this.#flushSoon().catch(() => {});
  }

  #flushSoon(): Promise<void> {
    this.#flush ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.#flush = undefined;
        this.#write().then(resolve, reject);
      });
    });
    return this.#flush;
  }

  async #write(): Promise<void> {
    const changes = [...this.#changes];
    this.#changes = new Map();
    const roomsTo = (wish: 'add' | 'remove') => changes.filter((each) => each[1] === wish).map(([id]) => id);
    const [added, removed] = [roomsTo('add'), roomsTo('remove')];
    await Promise.all([
      added.length > 0 && this.instances.addRooms(this.instanceId, added),
      removed.length > 0 && this.instances.removeRooms(this.instanceId, removed),
    ]);
  }
}
