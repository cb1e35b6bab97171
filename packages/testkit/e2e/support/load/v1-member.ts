import { WebSocket } from 'ws';
import { countMessage, countOf, EVERY_MS, type Heard } from './counted.js';

/** What a member was told when it came back. */
export interface Return {
  readonly recovered: boolean;
  readonly isSameMember: boolean;
  /** How much it had heard before. */
  readonly heardBefore: number;
}

interface Welcome {
  readonly memberId: string;
  readonly resumeToken: string;
  readonly recovered: boolean;
  readonly received?: number;
}

const RETRY_MS = { first: 50, most: 1_000 };

/**
 * A member of parley.v1 that counts, and does what docs/protocol.md tells clients to do: it comes back when it is cut off,
 * and sends again what was not taken.
 */
export class V1Member {
  readonly heard: Heard[] = [];
  readonly returns: Return[] = [];
  /** Its own numbers of which it knows that they may be lost: nobody could tell it whether they were taken. */
  readonly uncertain = new Set<number>();
  /** Reasons of all closes. */
  readonly closes: string[] = [];
  sent = 0;
  #transmitted = 0;
  #welcome: Welcome | undefined;
  #socket: WebSocket | undefined;
  #seen: Record<string, number> = {};
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasLeft = false;

  private constructor(private readonly url: string) {}

  /** Join a room; resolves when it is welcome. */
  static async join(url: string): Promise<V1Member> {
    const member = new V1Member(url);
    await new Promise<void>((resolve) => member.#connect(resolve));
    return member;
  }

  /** Whether it is in its room right now. */
  get isIn(): boolean {
    return this.#welcome !== undefined && this.#socket?.readyState === WebSocket.OPEN;
  }

  count(): void {
    this.#timer = setInterval(() => this.countOn(), EVERY_MS);
  }

  countOn(): void {
    this.sent += 1;
    this.#flush();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  leave(): void {
    this.stop();
    this.#hasLeft = true;
    this.#socket?.terminate();
  }

  #connect(onWelcome: () => void = () => {}): void {
    const before = this.#welcome;
    const resume = before ? `&resume=${encodeURIComponent(before.resumeToken)}` : '';
    const socket = new WebSocket(this.url + resume, ['parley.v1'], { perMessageDeflate: false });
    let isWelcome = false;
    this.#socket = undefined;
    socket.on('error', () => {});
    socket.on('open', () => {
      if (before) socket.send(JSON.stringify({ type: 'resume', seen: this.#seen }));
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
      if (isWelcome) return this.#hear(message);
      if (message['type'] !== 'welcome') return;
      isWelcome = true;
      this.#socket = socket;
      this.#enter(message as unknown as Welcome, before);
      onWelcome();
    });
    socket.on('close', (code, reason) => {
      this.closes.push(`${code} ${reason.toString('utf8')}`);
      if (this.#hasLeft) return;
      const ceilingMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** this.#tries++);
      setTimeout(() => !this.#hasLeft && this.#connect(onWelcome), ceilingMs * (0.5 + Math.random() / 2));
    });
  }

  #enter(welcome: Welcome, before: Welcome | undefined): void {
    this.#welcome = welcome;
    this.#tries = 0;
    if (before) {
      const isSameMember = welcome.memberId === before.memberId;
      const { recovered, received } = welcome;
      this.returns.push({ recovered, isSameMember, heardBefore: this.heard.length });
      if (isSameMember && received !== undefined) this.#transmitted = received;
      // What was taken before the last return is certain; what was sent since is not.
      else for (let n = 1; n <= this.#transmitted; n += 1) this.uncertain.add(n);
    }
    this.#flush();
  }

  #hear(message: Record<string, unknown>): void {
    const n = countOf(message);
    if (n === undefined) return;
    this.heard.push({ n, atMs: performance.now() });
    this.#seen[String(message['from'])] = Number(message['seq']);
  }

  #flush(): void {
    if (!this.isIn) return;
    while (this.#transmitted < this.sent) {
      const n = ++this.#transmitted;
      this.#socket?.send(JSON.stringify({ ...countMessage(n), seq: n }));
    }
  }
}
