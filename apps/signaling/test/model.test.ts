// The checks of a history are methods of its model: the linter does not see that they run inside a test.
/* oxlint-disable vitest/no-standalone-expect */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSocket, useCluster, useRedis, waitFor, type TestSocket } from '@parley/testkit';
import { layouts, useSignaling, type TestSignaling } from './support/signaling.js';

/** What a random history is made of; a number chooses which member, or which instance. */
type Step =
  | { readonly do: 'join'; readonly on: number; readonly sendsAtOpen: number }
  | { readonly do: 'send'; readonly who: number; readonly count: number }
  | { readonly do: 'leave'; readonly who: number; readonly abruptly: boolean }
  | { readonly do: 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('join' as const), on: fc.nat(1), sendsAtOpen: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      who: fc.nat(1),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(1), abruptly: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
);

/** A member as the model knows it. */
interface Modelled {
  readonly name: string;
  readonly socket: TestSocket;
  sent: number;
  /** Number of its first message that the next one to join must get: those before went to somebody else. */
  aloneSince: number;
  /** For each other member that it was with: the first of that one's messages that it must get. */
  readonly expects: Map<Modelled, number>;
}

/** What `receiver` got of `sender`, in order of arrival. */
function numbersFrom(receiver: Modelled, sender: Modelled): number[] {
  return receiver.socket.messages.flatMap((message) => {
    const { payload } = message as { payload?: { from: string; n: number } };
    return payload?.from === sender.name ? [payload.n] : [];
  });
}

class History {
  readonly #members: Modelled[] = [];
  readonly #room: string;
  #lastName = 0;

  constructor(private readonly signaling: TestSignaling) {
    this.#room = signaling.room();
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) await this.#take(each);
    for (const member of this.#members) this.#send(member, 1);
    await this.#settle();
    for (const { socket } of this.#members) socket.socket.terminate();
  }

  async #take(each: Step): Promise<void> {
    const member = 'who' in each ? this.#members[each.who % Math.max(1, this.#members.length)] : undefined;
    if (each.do === 'join') await this.#join(each.on, each.sendsAtOpen);
    else if (each.do === 'send' && member) this.#send(member, each.count);
    else if (each.do === 'leave' && member) await this.#leave(member, each.abruptly);
    else if (each.do === 'wait') await this.#settle();
  }

  async #join(on: number, sendsAtOpen: number): Promise<void> {
    if (this.#members.length === 2) return;
    const { instances } = this.signaling;
    const url = instances[on % instances.length]?.url;
    const name = `m${(this.#lastName += 1)}`;
    const text = (n: number) =>
      JSON.stringify({ type: 'control', action: 'model', payload: { from: name, n } });
    const socket = await openSocket(`${url}/?roomId=${this.#room}`, {}, (opened) => {
      for (let n = 1; n <= sendsAtOpen; n += 1) opened.send(text(n));
    });
    const joined: Modelled = { name, socket, sent: sendsAtOpen, aloneSince: 1, expects: new Map() };
    for (const other of this.#members) {
      joined.expects.set(other, other.aloneSince);
      other.expects.set(joined, 1);
    }
    this.#members.push(joined);
  }

  #send(member: Modelled, count: number): void {
    for (let i = 0; i < count; i += 1) {
      member.sent += 1;
      member.socket.send({
        type: 'control',
        action: 'model',
        payload: { from: member.name, n: member.sent },
      });
    }
  }

  async #leave(member: Modelled, abruptly: boolean): Promise<void> {
    // What is on its way when somebody leaves may be lost with them, and who leaves before another is quite there is
    // not missed; what comes before is not.
    for (const each of this.#members) this.#send(each, 1);
    await this.#settle();
    this.#members.splice(this.#members.indexOf(member), 1);
    const told = this.#members.map(({ socket }) => socket.messages.length);
    if (abruptly) member.socket.socket.terminate();
    else member.socket.socket.close();
    for (const [i, { socket }] of this.#members.entries()) {
      await waitFor(() => socket.messages.length > (told[i] ?? 0), 'the others are told');
      expect(socket.messages.at(-1)).toEqual({ type: 'peer-disconnected' });
    }
    // The next one to join must find its place free.
    await member.socket.waitClosed();
    if (this.#members.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const other of this.#members) other.aloneSince = other.sent + 1;
  }

  /** Wait for what must arrive, and check that it is exactly that: each once, in order, none missing (S1, S2, S3). */
  async #settle(): Promise<void> {
    for (const receiver of this.#members) {
      expect(receiver.socket.closed).toBeUndefined();
      for (const [sender, first] of receiver.expects) {
        if (!this.#members.includes(sender)) continue;
        const wanted = Array.from({ length: sender.sent - first + 1 }, (_, i) => first + i);
        await waitFor(
          () => numbersFrom(receiver, sender).length >= wanted.length,
          `${receiver.name} gets ${wanted.length} messages of ${sender.name}`,
          5_000,
        );
        expect(numbersFrom(receiver, sender)).toEqual(wanted);
      }
    }
  }
}

const servers = [
  { server: 'one Redis', redis: useRedis(), runs: 60 },
  { server: 'a Redis Cluster', redis: useCluster(), runs: 25 },
];
const cases = servers.flatMap((server) => layouts.map((layout) => ({ ...server, ...layout })));

describe.each(cases)(
  'any history of joins, sends and leaves on $layout and $server',
  ({ redis, count, runs }) => {
    const signaling = useSignaling(redis, count);

    it('loses nothing, repeats nothing, and keeps the order', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), (steps) =>
          new History(signaling).run(steps),
        ),
        { numRuns: runs, endOnFailure: true },
      );
    });
  },
);
