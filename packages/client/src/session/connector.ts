import { DialectChoice } from './dialect-choice.js';
import type { Closed, SessionState } from './events.js';
import { Link } from './link.js';
import { onWake } from './liveness.js';
import { urlFor, type ConnectOptions, type Where } from './options.js';
import { decide } from './reconnect-policy.js';
import { webSocketClass, type WebSocketClass } from './websocket.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** A connection that held for so long proves that all is well. */
const STABLE_MS = 5_000;

/** A server may take a lost connection for alive for this long, and find a room full that is full of ourselves. */
const GHOST_MS = 75_000;

/** Nobody drains for longer. */
const PACE_MAX_MS = 60_000;

/** What a connector needs and tells. */
export interface ConnectorParts {
  readonly where: Where;
  readonly options: ConnectOptions;
  /** For the next connection, where there is a place to come back to. */
  resumeToken(): string | undefined;
  state(state: SessionState, retryInMs?: number): void;
  /** A connection is there. In the plain dialect that is to be in the room: then {@link Connector.isIn} is to be called. */
  opened(isV1: boolean): void;
  received(message: Record<string, unknown>): void;
  /** A connection has ended; another one may come. */
  lost(): void;
  /** There will be no other one. */
  closed(closed: Closed): void;
}

/** One connection after the other, by the protocol's policy for each close, until it is over. */
export class Connector {
  readonly #WebSocket: WebSocketClass;
  readonly #dialect: DialectChoice;
  readonly #urls: readonly string[];
  readonly #abort = new AbortController();
  readonly #unlisten: (() => void)[];
  #state: SessionState = 'connecting';
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isV1: boolean | undefined;
  #retryAfterMs: number | undefined;
  #failures = 0;
  #tries = 0;
  #attempts = 0;
  #openedAtMs = performance.now();
  /** When it was known to be in the room for the last time. */
  #lastInAtMs: number | undefined;
  /** The present wait is one that the server had a say in. */
  #isPaced = false;

  /** @throws TypeError when there is no WebSocket, or no signaling URL */
  constructor(private readonly parts: ConnectorParts) {
    const { where, options } = parts;
    this.#urls = [where.signalingUrl ?? []].flat();
    if (this.#urls.length === 0) throw new TypeError('signalingUrl: expected at least one');
    this.#WebSocket = webSocketClass(options.WebSocket);
    this.#dialect = new DialectChoice(options.dialect === 'plain');
    options.signal?.addEventListener('abort', this.#stop, { once: true });
    this.#unlisten = [
      onWake((isUp) => this.#wake(isUp)),
      () => options.signal?.removeEventListener('abort', this.#stop),
    ];
  }

  #stop = (): void => this.finish({ reason: 'aborted' });

  /** Begin. */
  start(): void {
    // Whoever listens to what comes of it has to be given the session first.
    if (this.parts.options.signal?.aborted) queueMicrotask(this.#stop);
    else this.#open();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Whether the server speaks `parley.v1`; undefined before the first connection. */
  get isV1(): boolean | undefined {
    return this.#isV1;
  }

  write = (text: string): void => this.#link?.write(text);

  /** Ask the server for an answer. */
  probe(): void {
    this.#link?.probe();
  }

  /** The present connection is in its room. */
  isIn(): void {
    this.#link?.isWelcome();
    this.#openedAtMs = performance.now();
    this.#setState('open');
  }

  /** The server is about to close, and has said when to come back, ms from then. */
  pace(retryAfterMs: number): void {
    this.#retryAfterMs = retryAfterMs > 0 ? Math.min(retryAfterMs, PACE_MAX_MS) : 0;
  }

  /** Give up the present connection as if the network had failed, and come back at once. */
  reconnect(): void {
    if (this.#link) this.#link.fail('reconnect');
    else if (this.#state === 'waiting') this.#open();
  }

  finish(closed: Closed): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#state = 'closed';
    this.#link?.leave();
    this.#link = undefined;
    this.#abort.abort();
    for (const unlisten of this.#unlisten) unlisten();
    this.parts.closed(closed);
  }

  #setState(state: SessionState, retryInMs?: number): void {
    this.#state = state;
    this.parts.state(state, retryInMs);
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#setState('connecting');
    const { token } = this.parts.where;
    const attempt = (this.#attempts += 1);
    if (typeof token !== 'function') {
      this.#openWith(token);
      return;
    }
    // One that comes too late is for a try that is over.
    const isCurrent = () => attempt === this.#attempts && this.#state === 'connecting' && !this.#link;
    this.#timer = setTimeout(() => this.#ended(1006, 'no token in time'), this.#connectTimeoutMs);
    Promise.resolve(this.#abort.signal)
      .then(token)
      .then((fresh) => isCurrent() && this.#openWith(fresh))
      .catch((error: unknown) => isCurrent() && this.finish({ reason: 'no-token', text: String(error) }));
  }

  get #connectTimeoutMs(): number {
    return this.parts.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  }

  #openWith(token: string | undefined): void {
    clearTimeout(this.#timer);
    if (this.#state !== 'connecting') return;
    const url = this.#urls[this.#tries % this.#urls.length] ?? '';
    this.#tries += 1;
    this.#retryAfterMs = undefined;
    try {
      this.#link = this.#linkTo(url, token);
    } catch (error) {
      // Not the error's text, which may have the token in it; and not before somebody can listen.
      const text = `${(error as Error).name}: ${url}`;
      queueMicrotask(() => this.finish({ reason: 'bad-url', text }));
    }
  }

  #linkTo(base: string, token: string | undefined): Link {
    const { where, options } = this.parts;
    return new Link(
      {
        WebSocket: this.#WebSocket,
        url: urlFor(base, where.roomId, token, this.parts.resumeToken()),
        offersV1: this.#dialect.next(),
        liveness: options.liveness ?? {},
        connectTimeoutMs: this.#connectTimeoutMs,
      },
      {
        opened: (isV1) => this.#opened(isV1),
        received: (message) => this.parts.received(message),
        ended: (code, text) => this.#ended(code, text),
      },
    );
  }

  #opened(isV1: boolean): void {
    if (!this.#dialect.opened(isV1)) {
      this.#link?.leave();
      this.#link = undefined;
      this.#open();
      return;
    }
    this.#isV1 = isV1;
    this.parts.opened(isV1);
  }

  #ended(code: number, text: string): void {
    this.#link = undefined;
    this.parts.lost();
    const now = performance.now();
    const wasOpen = this.#state === 'open';
    const held = wasOpen && now - this.#openedAtMs > STABLE_MS;
    // In the plain dialect those who are refused are open for a moment, too.
    const wasIn = held || (wasOpen && this.#isV1 === true);
    if (wasIn) this.#lastInAtMs = now;
    this.#failures = held ? 1 : this.#failures + 1;
    const { where, options } = this.parts;
    const decision = decide(
      {
        code,
        reason: text,
        failures: this.#failures,
        retryAfterMs: this.#retryAfterMs,
        wasMember: this.#lastInAtMs !== undefined && now - this.#lastInAtMs < GHOST_MS,
        hasFreshToken: typeof where.token === 'function' && wasIn,
      },
      options.backoff ?? {},
    );
    const lostForMs = now - (this.#lastInAtMs ?? this.#openedAtMs);
    const isTooLong = decision.retry && lostForMs + decision.waitMs > (options.giveUpAfterMs ?? Infinity);
    if (decision.retry && !isTooLong) this.#wait(decision.waitMs, decision.isPaced);
    else this.finish({ reason: decision.retry ? 'gave-up' : decision.reason, code, text });
  }

  #wait(ms: number, isPaced: boolean): void {
    this.#isPaced = isPaced;
    this.#timer = setTimeout(() => this.#open(), ms);
    this.#setState('waiting', ms);
  }

  /** The page woke up, or the network changed. */
  #wake(isUp: boolean): void {
    if (this.#state === 'open') this.#link?.check();
    else if (this.#state === 'waiting' && isUp && !this.#isPaced) this.#open();
  }
}
