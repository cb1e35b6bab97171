/** When a silent connection is asked, and when it is given up. */
export interface LivenessTimes {
  /** A connection on which nothing came for this long is asked, ms. Default 25000. */
  readonly quietMs?: number;
  /** One that does not answer in this time is given up, ms. Default 5000. */
  readonly answerMs?: number;
}

/**
 * Notices a connection that hangs: browsers do not see the server's pings, and TCP alone finds out after minutes. After
 * some silence, or when it is told to look, it asks, and any byte is an answer.
 */
export class Liveness {
  readonly #quietMs: number;
  readonly #answerMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAtMs = 0;
  #isAsking = false;

  constructor(
    { quietMs = 25_000, answerMs = 5_000 }: LivenessTimes,
    private readonly ask: () => void,
    private readonly dead: () => void,
  ) {
    this.#quietMs = quietMs;
    this.#answerMs = answerMs;
  }

  start(): void {
    this.heard();
    this.#arm(this.#quietMs);
  }

  /** Something came. Cheap: a busy connection arms no timer. */
  heard(): void {
    this.#heardAtMs = performance.now();
    if (!this.#isAsking) return;
    this.#isAsking = false;
    this.#arm(this.#quietMs);
  }

  /** Ask now: the network has changed, or the page was asleep. */
  check(): void {
    if (this.#isAsking || this.#timer === undefined) return;
    this.#isAsking = true;
    this.#arm(this.#answerMs);
    this.ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAsking = false;
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#due(), ms);
  }

  #due(): void {
    if (this.#isAsking) {
      this.stop();
      this.dead();
      return;
    }
    const leftMs = this.#quietMs - (performance.now() - this.#heardAtMs);
    if (leftMs > 1) this.#arm(leftMs);
    else this.check();
  }
}

/** What a page is told of its network. */
interface PageEvents {
  addEventListener?(type: string, listener: (event: { readonly type: string }) => void): void;
  removeEventListener?(type: string, listener: (event: { readonly type: string }) => void): void;
}

/**
 * Call back when the network may have changed or the page woke up. Nothing in Node.
 * @param wake `isUp`: the page is shown or online from now on, and was not
 * @returns stops
 */
export function onWake(wake: (isUp: boolean) => void): () => void {
  const page: PageEvents = globalThis;
  const document = (globalThis as { document?: PageEvents & { readonly visibilityState?: string } }).document;
  const network = (globalThis as { navigator?: { connection?: PageEvents } }).navigator?.connection;
  const all: [PageEvents | undefined, string][] = [
    [page, 'online'],
    [page, 'offline'],
    [page, 'pageshow'],
    [document, 'visibilitychange'],
    [network, 'change'],
  ];
  const listener = ({ type }: { readonly type: string }) =>
    wake(
      ['online', 'pageshow'].includes(type) ||
        (type === 'visibilitychange' && document?.visibilityState === 'visible'),
    );
  for (const [target, type] of all) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type] of all) target?.removeEventListener?.(type, listener);
  };
}
