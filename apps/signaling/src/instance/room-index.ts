import type { InstanceStore } from '@parley/redis-scripts';

/** One write that is to come. */
interface Write {
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function newWrite(): Write {
  let [resolve, reject]: [() => void, (error: unknown) => void] = [() => {}, () => {}];
  const done = new Promise<void>((...settle) => ([resolve, reject] = settle));
  return { done, resolve, reject };
}

/**
 * The rooms that this instance may have members in, written to Redis for those who find it dead. A room is there
 * before its first join and until after its last leave, so a crash in between leaves too much and never too little.
 */
export class RoomIndex {
  /** Latest wish for each room; those of one tick go together. */
  #changes = new Map<string, 'add' | 'remove'>();
  #next: Write | undefined;
  #isScheduled = false;

  constructor(
    private readonly instances: InstanceStore,
    private readonly instanceId: string,
  ) {}

  /** @throws RedisUnavailableError */
  add(roomId: string): Promise<void> {
    const written = this.note(roomId);
    this.#schedule();
    return written;
  }

  /**
   * Add a room with the next `flush`.
   * @returns resolves when it is there
   * @throws RedisUnavailableError
   */
  note(roomId: string): Promise<void> {
    return this.#change(roomId, 'add');
  }

  /** Best effort: what stays is found to be empty by whoever looks. */
  remove(roomId: string): void {
    this.#change(roomId, 'remove').catch(() => {});
    this.#schedule();
  }

  /** Send all that waits, now: it is before what is sent to the same Redis next. */
  flush(): void {
    const next = this.#next;
    if (!next) return;
    this.#next = undefined;
    this.#write().then(next.resolve, next.reject);
  }

  #change(roomId: string, wish: 'add' | 'remove'): Promise<void> {
    this.#changes.set(roomId, wish);
    this.#next ??= newWrite();
    return this.#next.done;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
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
