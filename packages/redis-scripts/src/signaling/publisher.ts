import type { RedisConnection } from '../connection/connection.js';
import { roomPublish } from './scripts.js';

/** Most rooms of one script: few enough that others do not wait for long. */
const ROOMS_AT_ONCE = 32;

/** The keys of one room that publishing takes, and what to publish. */
interface Publication {
  readonly keys: Readonly<Record<(typeof roomPublish)['keys'][number], string>>;
  readonly body: string;
}

interface Waiting extends Publication {
  readonly resolve: (isPublished: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Publishes what comes in one turn of the event loop, for many rooms, with one call of one script. */
export class Publisher {
  readonly #atOnce: number;
  #waiting: Waiting[] = [];

  constructor(
    private readonly redis: RedisConnection,
    private readonly argv: { readonly publish: string; readonly aliveMs: number },
  ) {
    // On a Cluster each room has a slot of its own.
    this.#atOnce = redis.isCluster ? 1 : ROOMS_AT_ONCE;
  }

  /**
   * Publish if others are in the room.
   * @returns false when that is not sure
   * @throws RedisUnavailableError
   */
  publish({ keys, body }: Publication): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, body, resolve, reject });
      if (this.#waiting.length === this.#atOnce) this.#flush();
      else if (this.#waiting.length === 1) queueMicrotask(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) void this.#run(batch);
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = (await this.redis.runOnEach(
        roomPublish,
        batch.map(({ keys }) => keys),
        {
          argv: this.argv,
          rest: batch.map(({ body }) => body),
        },
      )) as string;
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i] === 'p');
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
