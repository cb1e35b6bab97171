// The checks of a history are methods of its model: the linter does not see that they run inside a test.
/* oxlint-disable vitest/no-standalone-expect */
import { expect } from 'vitest';
import { openSocket, uniqueId, waitFor, type TestSocket } from '@parley/testkit';

/** Where members join: an instance, in this process or of its own. */
export interface Place {
  readonly port: number;
  /** For one that may be killed. */
  readonly instanceId?: string;
}

/** A member as the model knows it. */
interface Modelled {
  readonly name: string;
  readonly socket: TestSocket;
  readonly place: Place;
  sent: number;
  /** Number of its first message that the next one to join must get: those before went to somebody else. */
  aloneSince: number;
  /** Numbers of messages that a dead one was to get, or that Redis took it for somebody who gets them. */
  readonly toGhosts: Set<number>;
  /** For each other member that it was with: the first of that one's messages that it must get. */
  readonly expects: Map<Modelled, number>;
  /** How often it must have been told that somebody left; and how often it may have been. */
  goneAtLeast: number;
  goneAtMost: number;
}

const isGone = (message: unknown) => (message as { type?: unknown }).type === 'peer-disconnected';
const textOf = (from: string, n: number) =>
  JSON.stringify({ type: 'control', action: 'model', payload: { from, n } });

/** What `receiver` got of a sender, in order of arrival. */
function numbersFrom(receiver: Modelled, name: string): number[] {
  return receiver.socket.messages.flatMap((message) => {
    const { payload } = message as { payload?: { from: string; n: number } };
    return payload?.from === name ? [payload.n] : [];
  });
}

/**
 * A room of two, and what its members must get: each message that is meant for them once, in order, none missing
 * (S1, S2, S3); and the news of who left, once each.
 */
export class ModelledRoom {
  readonly id = uniqueId('room');
  readonly #members: Modelled[] = [];
  #lastName = 0;
  /** Instances that were killed. */
  readonly #lost = new Set<string>();
  /** Members of theirs that Redis may still know. */
  #ghosts = 0;

  /**
   * @param known for each member that Redis knows in a room, its instance
   * @param withinMs longest wait for what must arrive
   */
  constructor(
    private readonly known: (roomId: string) => Promise<readonly string[]>,
    private readonly withinMs = 5_000,
  ) {}

  get size(): number {
    return this.#members.length;
  }

  /** A member joins, and says so much in the tick of `open`. */
  async join(place: Place, sendsAtOpen: number): Promise<void> {
    if (this.#members.length === 2) return;
    const name = `m${(this.#lastName += 1)}`;
    const socket = await openSocket(`ws://127.0.0.1:${place.port}/?roomId=${this.id}`, {}, (opened) => {
      for (let n = 1; n <= sendsAtOpen; n += 1) opened.send(textOf(name, n));
    });
    const joined: Modelled = {
      name,
      socket,
      place,
      sent: 0,
      aloneSince: 1,
      toGhosts: new Set(),
      expects: new Map(),
      goneAtLeast: 0,
      goneAtMost: this.#ghosts,
    };
    this.#note(joined, sendsAtOpen);
    for (const other of this.#members) {
      joined.expects.set(other, other.aloneSince);
      other.expects.set(joined, 1);
    }
    this.#members.push(joined);
  }

  /** A member says something. @param who any number: chooses one of those who are there */
  send(who: number, count: number): void {
    const member = this.#choose(who);
    if (member) this.#send(member, count);
  }

  /** A member leaves, and the other is told. */
  async leave(who: number, abruptly: boolean): Promise<void> {
    const member = this.#choose(who);
    if (!member) return;
    // What is on its way when somebody leaves may be lost with them, and who leaves before another is quite there is
    // not missed; what comes before is not.
    for (const each of this.#members) this.#send(each, 1);
    await this.settle();
    await this.allIn();
    this.#remove(member);
    if (abruptly) member.socket.socket.terminate();
    else member.socket.socket.close();
    await this.#untilTold();
    // The next one to join must find its place free.
    await this.#untilKnown((living) => living <= this.#members.length);
  }

  /** Everybody's join is done. */
  async allIn(): Promise<void> {
    await this.#untilKnown((living) => living >= this.#members.length);
  }

  /**
   * An instance is killed right after this, with whoever is connected to it and in the middle of what they say. Those on
   * others hear each other; what they say to the dead may be lost.
   * @param wereAllIn whether they had met; else they may be told of each other's end, or not
   */
  lose(place: Place, wereAllIn: boolean): void {
    for (const member of this.#members) this.#send(member, 2);
    const lost = this.#members.filter((member) => member.place === place);
    for (const member of lost) this.#remove(member, wereAllIn);
    if (lost.length === 0) return;
    this.#ghosts += lost.length;
    this.#lost.add(place.instanceId ?? '');
    // Held for the next one, if the dead had not come yet; or lost with them.
    for (const { toGhosts, sent } of this.#members) for (let n = 1; n <= sent; n += 1) toGhosts.add(n);
  }

  /** Those who were lost are known to be gone (S5): nobody takes them for members, and the others were told. */
  async buried(): Promise<void> {
    await this.#untilKnown((living, ghosts) => ghosts === 0 && living === this.#members.length);
    await this.#untilTold();
    this.#ghosts = 0;
    for (const member of this.#members) {
      const told = member.socket.messages.filter(isGone).length;
      expect(told).toBeLessThanOrEqual(member.goneAtMost);
      [member.goneAtLeast, member.goneAtMost] = [told, told];
    }
  }

  /** Wait for what must arrive, and check that it is exactly that: each once, in order, none missing (S1, S2, S3). */
  async settle(): Promise<void> {
    // There is no place for anybody else.
    if (this.#ghosts > 0 && this.#members.length === 2) await this.buried();
    for (const receiver of this.#members) {
      expect(receiver.socket.closed).toBeUndefined();
      for (const [sender, first] of receiver.expects) {
        if (this.#members.includes(sender)) await this.#settleBetween(receiver, sender, first);
      }
      this.#checkOrder(receiver);
    }
  }

  /** Whatever happened before, those who are there now hear each other. Ends the room. */
  async end(): Promise<void> {
    for (const member of this.#members) this.#send(member, 1);
    await this.settle();
    for (const { socket } of this.#members) socket.socket.terminate();
  }

  #choose(who: number): Modelled | undefined {
    return this.#members[who % Math.max(1, this.#members.length)];
  }

  #remove(member: Modelled, hadMet = true): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    for (const other of this.#members) {
      other.aloneSince = other.sent + 1;
      if (hadMet) other.goneAtLeast += 1;
      other.goneAtMost += 1;
    }
  }

  #send(member: Modelled, count: number): void {
    const from = member.sent + 1;
    this.#note(member, count);
    for (let n = from; n <= member.sent; n += 1) member.socket.send(textOf(member.name, n));
  }

  #note(member: Modelled, count: number): void {
    for (let i = 0; i < count; i += 1) {
      member.sent += 1;
      if (this.#ghosts > 0) member.toGhosts.add(member.sent);
    }
  }

  #untilKnown(isRight: (living: number, ghosts: number) => boolean): Promise<unknown> {
    const isKnown = async () => {
      const known = await this.known(this.id);
      const ghosts = known.filter((instanceId) => this.#lost.has(instanceId)).length;
      return isRight(known.length - ghosts, ghosts);
    };
    return waitFor(isKnown, 'Redis knows who is there', this.withinMs);
  }

  async #untilTold(): Promise<void> {
    for (const { socket, goneAtLeast } of this.#members) {
      await waitFor(
        () => socket.messages.filter(isGone).length >= goneAtLeast,
        'the others are told',
        this.withinMs,
      );
    }
  }

  async #settleBetween(receiver: Modelled, sender: Modelled, first: number): Promise<void> {
    const wanted = Array.from({ length: sender.sent - first + 1 }, (_, i) => first + i).filter(
      (n) => !sender.toGhosts.has(n),
    );
    const got = () => numbersFrom(receiver, sender.name).filter((n) => !sender.toGhosts.has(n));
    await waitFor(
      () => got().length >= wanted.length,
      `${receiver.name} gets ${wanted.length} messages of ${sender.name}`,
      this.withinMs,
    );
    expect(got()).toEqual(wanted);
  }

  /** Of anybody who ever was there: nothing twice, and nothing before what was sent before it (S3). */
  #checkOrder(receiver: Modelled): void {
    for (let name = 1; name <= this.#lastName; name += 1) {
      const numbers = numbersFrom(receiver, `m${name}`);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    }
  }
}
