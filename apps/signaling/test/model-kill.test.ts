import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { useStore, type RunningService } from '@parley/testkit';
import { ModelledRoom, type Place } from './support/modelled-room.js';
import { useProcesses } from './support/processes.js';
import { instancesIn, useMembership } from './support/redis.js';
import { replay } from './support/replay.js';

const ROOMS = 6;

/** What a random history is made of; a number chooses which room, which member, or which instance. */
type Step =
  | { readonly do: 'join'; readonly in: number; readonly on: number; readonly sendsAtOpen: number }
  | { readonly do: 'send'; readonly in: number; readonly who: number; readonly count: number }
  | { readonly do: 'leave'; readonly in: number; readonly who: number; readonly abruptly: boolean }
  | { readonly do: 'kill'; readonly which: number; readonly afterJoins: boolean };

const some = <T extends string>(name: T) => fc.constant(name);
const room = fc.nat(ROOMS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: some('join'), in: room, on: fc.nat(1), sendsAtOpen: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: some('send'),
      in: room,
      who: fc.nat(1),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: some('leave'), in: room, who: fc.nat(1), abruptly: fc.boolean() }),
  },
);
const kill: fc.Arbitrary<Step> = fc.record({ do: some('kill'), which: fc.nat(1), afterJoins: fc.boolean() });

/** Two deaths at any moment of a history: each takes up to 10 s to be noticed. */
const history = fc
  .tuple(
    fc.array(step, { minLength: 10, maxLength: 30 }),
    kill,
    fc.array(step, { minLength: 5, maxLength: 20 }),
    fc.array(kill, { maxLength: 1 }),
    fc.array(step, { maxLength: 20 }),
  )
  .map(([before, first, between, second, after]) => [...before, first, ...between, ...second, ...after]);

/** Longest wait for what follows a death (S5), with time for a busy machine. */
const WITHIN_MS = 12_000;

const store = useStore();
const membership = useMembership(store);

describe('any history of joins, sends and leaves, and of instances that are killed', () => {
  const processes = useProcesses(store);

  /** A process, and which instance it is. */
  async function start(): Promise<{ service: RunningService; place: Place }> {
    const before = await instancesIn(store.env);
    const service = await processes.start();
    const instanceId = (await instancesIn(store.env)).find((each) => !before.includes(each)) ?? '';
    return { service, place: { port: service.port, instanceId } };
  }

  /** Two instances; one that is killed is replaced while the history goes on. */
  class World {
    readonly #rooms = Array.from({ length: ROOMS }, () => new ModelledRoom(membership, WITHIN_MS));
    #replacement: Promise<void> | undefined;

    constructor(private readonly running: Awaited<ReturnType<typeof start>>[]) {}

    async run(steps: readonly Step[]): Promise<void> {
      for (const each of steps) await this.#take(each);
      await this.#replacement;
      await Promise.all(this.#rooms.map((each) => each.buried()));
      await Promise.all(this.#rooms.map((each) => each.end()));
    }

    async #take(each: Step): Promise<void> {
      if (each.do === 'kill') return this.#kill(each.which, each.afterJoins);
      const modelled = this.#rooms[each.in];
      const place = 'on' in each ? this.running[each.on % this.running.length]?.place : undefined;
      if (each.do === 'join' && place) await modelled?.join(place, each.sendsAtOpen);
      else if (each.do === 'send') modelled?.send(each.who, each.count);
      else if (each.do === 'leave') await modelled?.leave(each.who, each.abruptly);
    }

    async #kill(which: number, afterJoins: boolean): Promise<void> {
      await this.#replacement;
      if (afterJoins) await Promise.all(this.#rooms.map((each) => each.allIn()));
      const [victim] = this.running.splice(which % this.running.length, 1);
      if (!victim) return;
      for (const each of this.#rooms) each.lose(victim.place, afterJoins);
      const killed = victim.service.stop('SIGKILL');
      this.#replacement = start().then((started) => void this.running.push(started));
      await killed;
    }
  }

  it(
    'loses nothing of who lives, repeats nothing, keeps the order, and tells who is gone (S1–S3, S5)',
    { timeout: 120_000 },
    async () => {
      const running = [await start(), await start()];
      const property = fc.asyncProperty(history, (steps) => new World(running).run(steps));
      await fc.assert(property, { numRuns: 3, ...replay });
    },
  );
});
