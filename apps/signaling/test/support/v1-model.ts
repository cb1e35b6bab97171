// The checks of a history are methods of its model: the linter does not see that they run inside a test.
/* oxlint-disable vitest/no-standalone-expect */
import { openSocket, startTcpProxy, uniqueId, waitFor, type TcpProxy } from '@parley/testkit';
import { expect } from 'vitest';
import { Player, type Expected } from './v1-player.js';
import { askToResume, type Welcome } from './v1.js';

/** Instances of a history; they may be replaced while it runs. */
export interface Fleet {
  readonly size: number;
  url(i: number): string;
  /** Kill one and start another in its place. */
  kill(i: number): Promise<void>;
  /** Drain one and start another in its place. */
  drain(i: number): Promise<void>;
}

/** What a history is made of; numbers choose a member or an instance. */
export type Step =
  | { readonly do: 'join'; readonly on: number; readonly plain: boolean }
  | { readonly do: 'send'; readonly who: number; readonly count: number }
  | { readonly do: 'sendTo'; readonly who: number; readonly whom: number }
  | { readonly do: 'chat'; readonly who: number }
  | { readonly do: 'cut'; readonly who: number }
  | { readonly do: 'stall'; readonly who: number }
  | { readonly do: 'resume'; readonly who: number; readonly on: number }
  | { readonly do: 'leave'; readonly who: number }
  | { readonly do: 'kill'; readonly on: number }
  | { readonly do: 'drain'; readonly on: number }
  | { readonly do: 'wait' };

const MEMBERS_MAX = 4;

/** Nobody waits for chats that only plain members were there to not get: the last ones may still be under way. */
function firstUnderWay({ sent }: Player): number {
  return sent.findLastIndex(({ body }) => body['type'] !== 'chat') + 2;
}

/** An address that no other history has. */
function addressOf(room: string): string {
  const [a = 0, b = 0, c = 0] = Buffer.from(room.slice(-6), 'hex');
  return `10.${a}.${b}.${c}`;
}

/** One history of a room, and what has to be true of it. */
export class V1History {
  readonly #room = uniqueId('room');
  readonly #headers = { 'X-Forwarded-For': addressOf(this.#room) };
  #players: Player[] = [];
  readonly #gone = new Set<string>();
  readonly #proxies: TcpProxy[] = [];
  #lastName = 0;
  resumes = { recovered: 0, not: 0 };

  constructor(private readonly fleet: Fleet) {}

  async run(steps: readonly Step[]): Promise<void> {
    try {
      for (const step of steps) await this.#take(step);
      for (const player of this.#players)
        if (player.state === 'lost') await this.#resume(player, this.#lastName);
      for (const player of this.#players) this.#send(player, undefined);
      await this.#settle();
    } finally {
      for (const { socket } of this.#players) socket.socket.terminate();
      await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
    }
  }

  #pick(who: number, isFit: (player: Player) => boolean): Player | undefined {
    const fit = this.#players.filter(isFit);
    return fit[who % Math.max(1, fit.length)];
  }

  async #take(step: Step): Promise<void> {
    const isPresent = (player: Player) => player.state === 'present';
    const isSpeaker = (player: Player) => isPresent(player) && !player.isPlain;
    switch (step.do) {
      case 'join':
        return this.#join(step.on, step.plain);
      case 'send': {
        const player = this.#pick(step.who, () => true);
        if (!player) return;
        for (let i = 0; i < step.count; i += 1) this.#send(player, undefined);
        return;
      }
      case 'sendTo': {
        const player = this.#pick(step.who, (each) => !each.isPlain);
        const whom = this.#pick(step.whom, (each) => each !== player);
        if (player && whom && !whom.isPlain) this.#send(player, whom);
        return;
      }
      case 'chat': {
        const player = this.#pick(step.who, isSpeaker);
        if (player) this.#send(player, undefined, true);
        return;
      }
      case 'cut': {
        const player = this.#pick(step.who, isSpeaker);
        if (!player) return;
        player.socket.socket.terminate();
        player.state = 'lost';
        return;
      }
      case 'stall': {
        const player = this.#pick(step.who, isSpeaker);
        if (!player) return;
        player.proxy?.stall();
        player.state = 'lost';
        return;
      }
      case 'resume': {
        const player = this.#pick(step.who, (each) => each.state === 'lost');
        if (player) await this.#resume(player, step.on);
        return;
      }
      case 'leave': {
        const player = this.#pick(step.who, isPresent);
        if (player) await this.#leave(player);
        return;
      }
      case 'kill':
        return this.#kill(step.on % this.fleet.size);
      case 'drain':
        return this.#drain(step.on % this.fleet.size);
      case 'wait':
        return this.#settle();
    }
  }

  async #connect(player: Player, on: number): Promise<string> {
    player.on = on % this.fleet.size;
    const proxy = await startTcpProxy(this.fleet.url(player.on).replace('ws:', 'http:'));
    this.#proxies.push(proxy);
    player.proxy = proxy;
    return `ws://127.0.0.1:${proxy.port}`;
  }

  async #join(on: number, isPlain: boolean): Promise<void> {
    if (this.#players.length === MEMBERS_MAX) return;
    // Who is under way when somebody joins need not be met.
    await this.#settle();
    const player = new Player(`p${(this.#lastName += 1)}`, isPlain);
    const url = await this.#connect(player, on);
    player.socket = await openSocket(`${url}/?roomId=${this.#room}`, {
      headers: this.#headers,
      ...(!isPlain && { protocols: ['parley.v1'] }),
    });
    if (!isPlain) await this.#welcomed(player);
    const isSecond = this.#players.length === 1;
    for (const other of this.#players) {
      const first = isSecond ? other.aloneSince : other.sent.length + 1;
      player.expects.set(other, {
        first,
        // What could not be sent yet comes later, and what nobody was there to get may still be under way.
        firstChat: other.sent.length + 1,
        mayGet: this.#players.some(({ state }) => state === 'lost')
          ? 1
          : isSecond
            ? other.mayBeHeldSince
            : Math.min(first, firstUnderWay(other)),
        excused: 0,
      });
      other.expects.set(player, { first: 1, firstChat: 1, excused: 0, mayGet: 1 });
    }
    this.#players.push(player);
    if (isPlain) await this.#hello(player);
    else await this.#acquaint(player);
  }

  /** A plain one is in once somebody hears it. */
  async #hello(player: Player): Promise<void> {
    this.#send(player, undefined);
    await this.#settle();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** All others know of a newcomer. */
  async #acquaint(player: Player): Promise<void> {
    for (const other of this.#players) {
      if (other === player || other.isPlain || other.state !== 'present') continue;
      await waitFor(
        () => other.got.some(({ type, memberId }) => type === 'peer-joined' && memberId === player.id),
        `${other.name} is told of ${player.name}`,
      );
    }
  }

  async #welcomed(player: Player): Promise<Welcome> {
    await waitFor(() => player.socket.messages.length > 0 || player.socket.closed, 'an answer');
    const welcome = player.socket.messages[0] as Welcome;
    if (welcome?.type !== 'welcome')
      throw new Error(`${player.name}: ${JSON.stringify(player.socket.closed)}`);
    player.id = welcome.memberId;
    player.token = welcome.resumeToken;
    return welcome;
  }

  #send(player: Player, to: Player | undefined, isChat = false): void {
    const n = player.sent.length + 1;
    const said = { from: player.name, n };
    const message = isChat
      ? { type: 'chat', text: JSON.stringify(said) }
      : { type: 'control', action: 'model', payload: said };
    const body = player.isPlain ? message : { ...message, seq: n, ...(to && { to: to.id }) };
    player.sent.push({ n, to: to?.name, body });
    if (player.state === 'present') player.socket.send(body);
  }

  async #resume(player: Player, on: number): Promise<void> {
    player.socket.socket.terminate();
    player.earlier = player.got;
    const url = await this.#connect(player, on);
    player.socket = await askToResume(url, this.#room, player.token, player.seen(), {
      headers: this.#headers,
    });
    const id = player.id;
    const welcome = await this.#welcomed(player);
    expect(welcome.memberId).toBe(id);
    // Nothing is missing unless an instance died with what it alone knew.
    if (!player.mayMiss)
      expect({ recovered: welcome.recovered, of: player.name }).toEqual({ recovered: true, of: player.name });
    if (welcome.recovered) this.resumes.recovered += 1;
    else {
      this.resumes.not += 1;
      for (const [other, expected] of player.expects) expected.excused = other.sent.length;
    }
    player.mayMiss = false;
    player.state = 'present';
    const { received } = welcome;
    if (received === undefined) this.#lose(player);
    else for (const { n, body } of player.sent) if (n > received) player.socket.send(body);
  }

  /** What it sent may not have arrived, and it was told so: nobody has to get that. */
  #lose(player: Player): void {
    for (const other of this.#players) {
      const expected = other.expects.get(player);
      if (expected) expected.excused = player.sent.length;
    }
  }

  async #leave(player: Player): Promise<void> {
    this.#send(player, undefined);
    await this.#settle();
    if (player.isPlain) player.id = this.#idOf(player);
    this.#gone.add(player.id);
    this.#players = this.#players.filter((each) => each !== player);
    await player.socket.close();
    await this.#forget(player);
  }

  /** Under which name others hear a plain one. */
  #idOf(player: Player): string {
    const all = this.#players.flatMap(({ isPlain, got }) => (isPlain ? [] : got));
    const said = all.find(
      (message) => (message['payload'] as { from: string } | undefined)?.from === player.name,
    );
    return said?.from ?? '';
  }

  async #forget(player: Player): Promise<void> {
    for (const other of this.#players) {
      other.expects.delete(player);
      if (other.isPlain || other.state === 'lost' || player.id === '') continue;
      await waitFor(
        () => other.got.some(({ type, memberId }) => type === 'peer-disconnected' && memberId === player.id),
        `${other.name} is told that ${player.name} left`,
      );
    }
    if (this.#players.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const other of this.#players) {
      other.aloneSince = other.sent.length + 1;
      if (other.state === 'present') other.mayBeHeldSince = other.aloneSince;
    }
  }

  async #kill(i: number): Promise<void> {
    // A plain one would be gone for up to ten seconds before that is known.
    if (this.#players.some(({ isPlain, on }) => isPlain && on === i)) return;
    await this.fleet.kill(i);
    for (const player of this.#players) {
      if (player.on !== i || player.state === 'lost') continue;
      player.mayMiss = true;
      player.state = 'lost';
    }
    // Who had been lost there without its notice, too.
    for (const player of this.#players) if (player.on === i && player.state === 'lost') player.mayMiss = true;
  }

  async #drain(i: number): Promise<void> {
    if (this.#players.some(({ isPlain, on }) => isPlain && on === i)) return;
    await this.fleet.drain(i);
    for (const player of this.#players) if (player.on === i) player.state = 'lost';
  }

  /** Wait for what must arrive, and check that it is that, each once and in order (S3, S4). */
  async #settle(): Promise<void> {
    for (const receiver of this.#players) {
      if (receiver.state === 'lost') continue;
      expect(receiver.socket.closed).toBeUndefined();
      for (const [sender, expected] of receiver.expects) await this.#check(receiver, sender, expected);
      const told = receiver.got.flatMap(({ type, memberId }) =>
        type === 'peer-disconnected' && memberId ? [memberId] : [],
      );
      // Nobody need have heard of a plain one that came and left.
      expect(told.filter((id) => id.startsWith('~') && !this.#gone.has(id))).toEqual([]);
    }
  }

  async #check(
    receiver: Player,
    sender: Player,
    { first, firstChat, excused, mayGet }: Expected,
  ): Promise<void> {
    if (sender.state === 'lost') return;
    const meant = sender.sent.filter(
      ({ n, to, body }) =>
        n >= mayGet &&
        (to === undefined || to === receiver.name) &&
        (body['type'] !== 'chat' || !receiver.isPlain),
    );
    const wanted = meant
      .filter(({ n, body }) => n >= (body['type'] === 'chat' ? firstChat : first) && n > excused)
      .map(({ n }) => n);
    const what = `${receiver.name} gets ${wanted.length} messages of ${sender.name}`;
    await waitFor(
      () => {
        const got = receiver.numbersOf(sender);
        return wanted.every((n) => got.includes(n));
      },
      what,
      5_000,
    ).catch((error: unknown) => {
      const got = JSON.stringify(receiver.numbersOf(sender));
      throw new Error(`${what}: ${got} of ${JSON.stringify(wanted)}`, { cause: error });
    });
    const got = receiver.numbersOf(sender);
    expect(got).toEqual(got.toSorted((a, b) => a - b));
    expect(new Set(got).size).toBe(got.length);
    const allowed = new Set(meant.map(({ n }) => n));
    expect(got.filter((n) => !allowed.has(n))).toEqual([]);
  }
}
