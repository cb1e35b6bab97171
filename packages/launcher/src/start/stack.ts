import type { Bootstrap } from '../bootstrap.js';
import { Failure } from '../failure.js';
import { startPart, type PartProcess } from './part-process.js';
import type { Part } from './plan.js';
import { describeFailure, untilReady } from './until-ready.js';

/** Everything that runs, in the order in which it was started. */
export class Stack {
  readonly #layers: PartProcess[][] = [];
  #stopping: Promise<void> | undefined;
  #fail: (failure: Failure) => void = () => {};

  /** Rejects when a part ends without being asked to. */
  readonly broken = new Promise<never>((_, reject) => (this.#fail = reject));

  constructor(
    private readonly bootstrap: Bootstrap,
    private readonly verbose: boolean,
  ) {
    // It is looked at only once all is up.
    this.broken.catch(() => {});
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Starts parts that do not need each other, and waits until all of them are up. */
  async add(parts: readonly Part[]): Promise<void> {
    if (this.isStopping) return;
    const layer = parts.map((part) => startPart(part, this.bootstrap, this.verbose));
    this.#layers.push(layer);
    for (const process of layer) void this.#watch(process);
    await Promise.all(layer.map((process) => untilReady(process)));
  }

  /** Stops the parts, those that were started last first. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stopAll());
  }

  /** Ends every part at once. */
  kill(): void {
    for (const process of this.#layers.flat()) process.kill();
  }

  async #stopAll(): Promise<void> {
    for (const layer of this.#layers.toReversed()) await Promise.all(layer.map((process) => process.stop()));
  }

  async #watch(process: PartProcess): Promise<void> {
    const code = await process.exited;
    if (this.isStopping) return;
    this.#fail(new Failure(describeFailure(process, `ended unexpectedly with exit code ${code}`)));
  }
}
