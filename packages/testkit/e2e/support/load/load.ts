import { setTimeout as delay } from 'node:timers/promises';
import { uniqueId } from '../../../src/ids.js';
import { openSocket } from '../../../src/socket.js';
import { waitFor } from '../../../src/wait-for.js';
import { Attempts, type Outcome } from './attempts.js';
import { longestSilenceMs, misplaced, missing } from './counted.js';
import { roomUrl, urlOf, type Fleet } from './fleet.js';
import { joinPlain, type PlainMember } from './plain-member.js';
import { PoolLoad } from './pool.js';
import { V1Member } from './v1-member.js';

const SETTLE_MS = 60_000;
const FELT_WITHIN_MS = 4_000;
/** Longer than a message waits for a limit that cannot be drawn from, on a busy machine. */
const LONG_SILENCE_MS = 2_500;
/** As Kubernetes asks for readiness; a service also tries Redis again when it is asked. */
const PROBE_MS = 1_000;

type Pair<Member> = readonly [Member, Member];
const WHERE = ['near', 'far'] as const;
type Where = (typeof WHERE)[number];

/** Names of rooms, and of the region of the hosts. */
export type Name = (prefix: string) => string;

/**
 * Members that talk, on one instance (`near`) and across two (`far`), in both dialects; hosts, clients that look for a
 * match, others that create rooms or join them, and probes: all at once, while something happens to Redis.
 */
export class Load {
  readonly pool: PoolLoad;
  #joins: Attempts | undefined;
  #live: Attempts | undefined;
  #ready: Attempts | undefined;
  #faultAtMs = 0;
  readonly #rooms: string[];

  private constructor(
    private readonly fleet: Fleet,
    readonly plain: Readonly<Record<Where, Pair<PlainMember>>>,
    readonly v1: Readonly<Record<Where, Pair<V1Member>>>,
    names: { readonly rooms: string[]; readonly region: string },
  ) {
    this.#rooms = names.rooms;
    this.pool = new PoolLoad(fleet, names.region);
  }

  /** Everything is under way when this resolves. The first of each plain room is a streaming host, as the pool sees it. */
  static async begin(fleet: Fleet, name: Name = uniqueId): Promise<Load> {
    const [one, two] = fleet.signaling;
    const [near, far, nearV1, farV1] = ['near', 'far', 'near-v1', 'far-v1'].map(name) as [
      string,
      string,
      string,
      string,
    ];
    const pair = async <Member>(join: (url: string) => Promise<Member>, room: string, other = one) =>
      [await join(roomUrl(one, room)), await join(roomUrl(other, room))] as const;
    const join = (url: string) => V1Member.join(url);
    const plain = { near: await pair(joinPlain, near), far: await pair(joinPlain, far, two) };
    const v1 = { near: await pair(join, nearV1), far: await pair(join, farV1, two) };
    const region = name('region');
    const load = new Load(fleet, plain, v1, { rooms: [near, far, nearV1, farV1], region });
    await load.#begin([near, far]);
    return load;
  }

  async #begin(hostRooms: readonly string[]): Promise<void> {
    for (const [host, client] of Object.values(this.plain)) {
      client.say({ type: 'offer', sdp: 'v=0\r\n' });
      host.say({ type: 'answer', sdp: 'v=0\r\n' });
    }
    await this.pool.begin(hostRooms);
    for (const member of this.#members) member.count();
    this.#joins = new Attempts(100, (nth) => this.#tryToJoin(nth));
    this.#live = new Attempts(PROBE_MS, () => this.#probe('/healthz'));
    this.#ready = new Attempts(PROBE_MS, () => this.#probe('/readyz'));
    await this.pool.isFull();
    await waitFor(() => this.#members.every(({ heard }) => heard.length > 40), 'all talk');
  }

  /** The fault begins now: what is measured begins with it. */
  noteFault(): void {
    this.#faultAtMs = performance.now();
  }

  /** Wait until everything has been served again for a while, let everybody hear the rest, and end it. */
  async settle(): Promise<void> {
    // What happens takes a moment to be felt.
    await delay(Math.max(0, this.#faultAtMs + FELT_WITHIN_MS - performance.now()));
    const { matches, creates } = this.pool;
    const attempts = [this.#joins, this.#ready, matches, creates];
    const isServed = () => attempts.every((each) => each?.areServedFor(2_500));
    await waitFor(isServed, 'everything is served again', SETTLE_MS);
    const pairs = [...Object.values(this.plain), ...Object.values(this.v1)];
    for (const member of this.#members) member.stop();
    for (const [one, other] of pairs.flatMap(([a, b]) => [[a, b] as const, [b, a] as const])) {
      one.countOn();
      await waitFor(() => other.heard.at(-1)?.n === one.sent, 'the last one arrives', 20_000);
    }
    await this.pool.end();
    await Promise.all([this.#joins?.stop(), this.#live?.stop(), this.#ready?.stop()]);
  }

  /**
   * What has to hold whatever happened to Redis, and did not; nothing, if all is well.
   * @param judgedDead where one of the members counted as dead for a while: its host's slot was free then
   */
  async brokenPromises(judgedDead?: Where): Promise<string[]> {
    const { plain, v1, pool } = this;
    const freed = judgedDead && pool.hostOf(this.#rooms[WHERE.indexOf(judgedDead)] ?? '');
    const attempts = [this.#joins, this.#live, this.#ready, pool.matches, pool.creates];
    const nearMs = this.#silenceOf(plain.near);
    const broken = {
      'S3: heard twice, or late': this.#members.flatMap(({ heard }) => misplaced(heard)),
      'S4: lost, and nobody was told': Object.values(v1).flatMap((pair) => this.#silent(pair)),
      'S6: closed': Object.values(plain).flatMap((pair) => pair.flatMap(({ closed }) => closed ?? [])),
      'S6: lost on one instance': this.#lostOf(plain.near) > 0 ? [this.#lostOf(plain.near)] : [],
      'S6: a long silence on one instance':
        nearMs > Math.max(LONG_SILENCE_MS, this.#silenceOf(plain.far) / 2) ? [nearMs] : [],
      'S6: not alive': this.#live?.refused ? [this.#live.refused] : [],
      'P1, P2: slots given twice': pool.doubles.filter((hostId) => hostId !== freed),
      'answered in another way than with a refusal': attempts.flatMap((each) => each?.unexpected ?? []),
      'rooms that are not full any more': await this.#notFull(),
    };
    return Object.entries(broken).flatMap(([what, cases]) => cases.map((each) => `${what}: ${each}`));
  }

  /** What happened, for docs/failure-modes.md. */
  figures(): Readonly<Record<string, string>> {
    const of = (attempts?: Attempts) =>
      attempts?.refused
        ? `${attempts.refused} refused in ${seconds(attempts.refusedForMs)}, each after ${Math.round(attempts.refusalMs)} ms (median; slowest answer ${seconds(attempts.slowestMs)})`
        : `none refused (slowest answer ${seconds(attempts?.slowestMs ?? 0)})`;
    const lost = (pair: Pair<PlainMember | V1Member>) =>
      `${this.#lostOf(pair)} of ${pair[0].sent + pair[1].sent} lost`;
    const plain = (where: Where) =>
      `${lost(this.plain[where])}, longest silence ${seconds(this.#silenceOf(this.plain[where]))}`;
    const v1 = (where: Where) => {
      const returns = this.v1[where].flatMap((member) => member.returns);
      const recovered = returns.filter((each) => each.recovered).length;
      const cut = `${returns.length} returns, ${recovered} recovered`;
      return `${lost(this.v1[where])}, longest silence ${seconds(this.#silenceOf(this.v1[where]))}, ${cut}`;
    };
    return {
      joins: of(this.#joins),
      matches: of(this.pool.matches),
      'creating rooms': of(this.pool.creates),
      'readiness red': seconds(this.#ready?.refusedForMs ?? 0),
      'plain, one instance': plain('near'),
      'plain, two instances': plain('far'),
      'parley.v1, one instance': v1('near'),
      'parley.v1, two instances': v1('far'),
    };
  }

  end(): void {
    for (const member of this.#members) member.leave();
  }

  get #members() {
    return [...Object.values(this.plain).flat(), ...Object.values(this.v1).flat()];
  }

  #lostOf([one, other]: Pair<PlainMember | V1Member>): number {
    return missing(one.heard, other.sent).length + missing(other.heard, one.sent).length;
  }

  #silenceOf(pair: Pair<PlainMember | V1Member>): number {
    return Math.max(...pair.map(({ heard }) => longestSilenceMs(heard, this.#faultAtMs)));
  }

  /** Losses that nobody was told of. */
  #silent([one, other]: Pair<V1Member>): string[] {
    const between = (receiver: V1Member, sender: V1Member) =>
      missing(receiver.heard, sender.sent).flatMap(({ n, before }) => {
        const isTold = receiver.returns.some((each) => !each.recovered && each.heardBefore === before);
        return isTold || sender.uncertain.has(n) ? [] : [`${n}, before the ${before}th`];
      });
    return [...between(one, other), ...between(other, one)];
  }

  async #tryToJoin(nth: number): Promise<Outcome> {
    const instance = this.fleet.signaling[nth % 2] ?? this.fleet.signaling[0];
    const joined = await openSocket(roomUrl(instance, uniqueId('join')), { protocols: ['parley.v1'] });
    await waitFor(() => joined.messages.length > 0 || joined.closed, 'an answer', 20_000);
    joined.socket.terminate();
    if (joined.messages.length > 0) return 'served';
    const { code, reason } = joined.closed ?? {};
    return reason === 'Service unavailable' && code === 1013 ? 'refused' : `unexpected: ${code} ${reason}`;
  }

  /** All services at once; one that refuses speaks for all. */
  async #probe(path: string): Promise<Outcome> {
    const { signaling, matchmakers, gateway } = this.fleet;
    const services = [...signaling, ...matchmakers, gateway];
    const answers = await Promise.all(services.map((service) => fetch(urlOf(service, path))));
    const bad = answers.find(({ status }) => status !== 200);
    if (!bad) return 'served';
    return bad.status === 503 ? 'refused' : `unexpected: ${bad.status}`;
  }

  /** Rooms that do not have their two members, as one of the instances sees it. */
  async #notFull(): Promise<string[]> {
    const urls = this.#rooms.flatMap((room) => this.fleet.signaling.map((each) => roomUrl(each, room)));
    const isFull = async (url: string) => {
      const third = await openSocket(url);
      return (await third.waitClosed(4_000)).reason === 'Room is full';
    };
    const seen = await Promise.all(
      urls.map((url) =>
        waitFor(() => isFull(url), url, 15_000).then(
          () => [],
          () => [url],
        ),
      ),
    );
    return seen.flat();
  }
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
