// One state machine, whose parts are in files of their own already.
/* oxlint-disable max-lines */
import type { ClientMessage, IceServer, Peer, ServerMessage } from '@parley/protocol';
import { Emitter } from '../util/emitter.js';
import { DialectChoice } from './dialect-choice.js';
import type { Closed, Incoming, SessionEvents, SessionState } from './events.js';
import { IceKeeper } from './ice-keeper.js';
import { Link } from './link.js';
import { Members } from './members.js';
import { onWake } from './liveness.js';
import { urlFor, type ConnectOptions, type Where } from './options.js';
import { Outbox } from './outbox.js';
import { decide } from './reconnect-policy.js';
import { Seen } from './seen.js';
import { webSocketClass, type WebSocketClass } from './websocket.js';

/**
 * What became of a message: `sent` – written to a connection; `waiting` – it goes out, in order, when there is one;
 * `refused` – too much waits already, the session is closed, or the server's dialect has no such message.
 */
export type Sent = 'sent' | 'waiting' | 'refused';

const CONNECT_TIMEOUT_MS = 10_000;

/** A connection that held for so long proves that all is well. */
const STABLE_MS = 5_000;

/** A server may take a lost connection for alive for this long, and find a room full that is full of ourselves. */
const GHOST_MS = 75_000;

type WelcomeMessage = Extract<ServerMessage, { type: 'welcome' }>;

/**
 * A member of a room, whatever happens to its connections: it reconnects by the protocol's policy, resumes where the
 * server keeps its place, and sends again what got lost on the way. Made by {@link connect}.
 */
export class Session extends Emitter<SessionEvents> {
  readonly roomId: string;
  readonly #members = new Members();
  readonly #WebSocket: WebSocketClass;
  readonly #outbox: Outbox;
  readonly #seen = new Seen();
  readonly #ice: IceKeeper;
  readonly #dialect: DialectChoice;
  readonly #urls: readonly string[];
  readonly #abort = new AbortController();
  readonly #unlisten: (() => void)[];
  #state: SessionState = 'connecting';
  #closed: Closed | undefined;
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isV1: boolean | undefined;
  #memberId: string | undefined;
  #resumeToken: string | undefined;
  #retryAfterMs: number | undefined;
  #failures = 0;
  #tries = 0;
  #openedAtMs = 0;
  /** When it was known to be in the room for the last time. */
  #lastInAtMs: number | undefined;
  #entrances = 0;
  #wroteEarly = false;
  /** The present wait is one that the server had a say in. */
  #isPaced = false;

  constructor(
    private readonly where: Where,
    private readonly options: ConnectOptions,
  ) {
    super();
    this.roomId = where.roomId;
    this.#urls = [where.signalingUrl ?? []].flat();
    if (this.#urls.length === 0) throw new TypeError('signalingUrl: expected at least one');
    this.#WebSocket = webSocketClass(options.WebSocket);
    this.#outbox = new Outbox(options.outbox);
    this.#dialect = new DialectChoice(options.dialect === 'plain');
    this.#ice = new IceKeeper(
      where.iceServers ?? [],
      options.refreshIce,
      (servers) => this.emit('ice-servers', servers),
      (error) => this.emit('error', { code: 'ice-refresh-failed', detail: String(error) }),
    );
    this.#openedAtMs = performance.now();
    const stop = () => this.#finish({ reason: 'aborted' });
    options.signal?.addEventListener('abort', stop, { once: true });
    this.#unlisten = [
      onWake((isUp) => this.#wake(isUp)),
      () => options.signal?.removeEventListener('abort', stop),
    ];
    // Whoever listens to what comes of it has to be given the session first.
    if (options.signal?.aborted) queueMicrotask(stop);
    else this.#open();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Why it is over, once it is. */
  get closed(): Closed | undefined {
    return this.#closed;
  }

  /** Its name in the room; undefined before the first welcome, and in the plain dialect. */
  get memberId(): string | undefined {
    return this.#memberId;
  }

  /** The other members, by `memberId`; empty in the plain dialect. */
  get members(): ReadonlyMap<string, Peer> {
    return this.#members;
  }

  /** Whoever had left when we came back: what still comes from it was said before. */
  get gone(): ReadonlySet<string> {
    return this.#members.gone;
  }

  /** Undefined before the first connection. */
  get dialect(): 'parley.v1' | 'plain' | undefined {
    if (this.#isV1 === undefined) return undefined;
    return this.#isV1 ? 'parley.v1' : 'plain';
  }

  /** STUN and TURN servers that are good now. */
  get iceServers(): readonly IceServer[] {
    return this.#ice.servers;
  }

  /**
   * Send to the other members. @param options `to`: to one of them alone (`parley.v1`)
   */
  send(message: ClientMessage, { to }: { readonly to?: string | undefined } = {}): Sent {
    const { type, ...fields } = message;
    return this.#send({ type, ...fields, ...(to !== undefined && { to }) });
  }

  /** Say something to all; it comes back as `chat`, in the order that everybody sees. `parley.v1` only. */
  chat(text: string): Sent {
    return this.#sendV1({ type: 'chat', text });
  }

  /** To all members of a user in this room, on whichever instance. `parley.v1` only. */
  private(toUser: string, text: string): Sent {
    return this.#sendV1({ type: 'private', toUser, text });
  }

  /** Show that one types, or no longer; it ends by itself after 6 s. Not sent later if it cannot be sent now. */
  typing(state: 'start' | 'stop'): Sent {
    if (this.#state !== 'open' || !this.#isV1) return 'refused';
    this.#link?.write(JSON.stringify({ type: 'typing', state }));
    return 'sent';
  }

  /** Give up the present connection as if the network had failed, and come back at once. */
  reconnect(): void {
    if (this.#link) this.#link.fail('reconnect');
    else if (this.#state === 'waiting') this.#open();
  }

  /** Leave the room for good. */
  close(): void {
    this.#finish({ reason: 'closed' });
  }

  #sendV1(message: object): Sent {
    return this.#isV1 === false ? 'refused' : this.#send(message);
  }

  #send(message: object): Sent {
    if (this.#state === 'closed' || !this.#outbox.add(message)) return 'refused';
    if (this.#state !== 'open' && !this.#wroteEarly) return 'waiting';
    this.#flush();
    return 'sent';
  }

  #flush(): void {
    const { isHalfFull } = this.#outbox;
    this.#outbox.flush((text) => this.#link?.write(text), this.#isV1 === true);
    if (this.#isV1 && !isHalfFull && this.#outbox.isHalfFull) this.#link?.probe();
  }

  #setState(state: SessionState, retryInMs?: number): void {
    this.#state = state;
    this.emit('state', { state, ...(retryInMs !== undefined && { retryInMs }) });
  }

  #open(): void {
    clearTimeout(this.#timer);
    this.#setState('connecting');
    const { token } = this.where;
    if (typeof token !== 'function') this.#openWith(token);
    else {
      Promise.resolve(this.#abort.signal)
        .then(token)
        .then((fresh) => this.#openWith(fresh))
        .catch((error: unknown) => this.#finish({ reason: 'no-token', text: String(error) }));
    }
  }

  #openWith(token: string | undefined): void {
    if (this.#state !== 'connecting') return;
    const url = this.#urls[this.#tries % this.#urls.length] ?? '';
    this.#tries += 1;
    this.#retryAfterMs = undefined;
    try {
      this.#link = this.#linkTo(url, token);
    } catch (error) {
      // Not the error's text, which may have the token in it; and not before somebody can listen.
      const text = `${(error as Error).name}: ${url}`;
      queueMicrotask(() => this.#finish({ reason: 'bad-url', text }));
    }
  }

  #linkTo(base: string, token: string | undefined): Link {
    const { options } = this;
    return new Link(
      {
        WebSocket: this.#WebSocket,
        url: urlFor(base, this.roomId, token, this.#resumeToken),
        offersV1: this.#dialect.next(),
        liveness: options.liveness ?? {},
        connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      },
      {
        opened: (isV1) => this.#opened(isV1),
        received: (message) => this.#received(message),
        ended: (code, reason) => this.#ended(code, reason),
      },
    );
  }

  #opened(isV1: boolean): void {
    if (!this.#dialect.opened(isV1)) {
      this.#link?.leave();
      this.#open();
      return;
    }
    this.#isV1 = isV1;
    if (!isV1) {
      this.#isIn();
      this.emit('plain', { isReturn: this.#entrances > 1 });
      this.#flush();
    } else if (this.#resumeToken !== undefined) {
      this.#link?.write(JSON.stringify({ type: 'resume', seen: this.#seen }));
    } else {
      // Nothing has to be waited for: an offer leaves in the tick of open.
      this.#wroteEarly = true;
      this.#flush();
    }
  }

  #isIn(): void {
    this.#link?.isWelcome();
    this.#openedAtMs = performance.now();
    this.#entrances += 1;
    this.#setState('open');
  }

  #welcome(welcome: WelcomeMessage): void {
    const { type: _, resumeToken, received, ...rest } = welcome;
    const isReturn = this.#memberId !== undefined;
    const isSameMember = welcome.memberId === this.#memberId;
    let uncertain: object[] = [];
    if (isReturn && !isSameMember) {
      uncertain = this.#outbox.restart(false);
      this.#seen.clear();
    } else if (isReturn && received === undefined) {
      uncertain = this.#outbox.giveUpWritten();
    } else if (isReturn && !this.#outbox.resume(received ?? 0)) {
      this.emit('error', {
        code: 'messages-lost',
        detail: 'more was sent than is kept for a lost connection',
      });
    }
    this.#wroteEarly = false;
    this.#memberId = welcome.memberId;
    this.#resumeToken = resumeToken;
    // Their messages may have come until now, and so their numbers were needed.
    for (const memberId of this.#members.gone) this.#seen.forget(memberId);
    const missed = this.#members.replace(welcome.members, welcome.userId);
    this.#isIn();
    this.emit('welcome', { ...rest, isReturn, isSameMember, uncertain });
    // Nobody told us meanwhile, also where no message was missed.
    if (isReturn) for (const [name, event] of missed) this.emit(name, event);
    this.#flush();
  }

  #received(message: { readonly type?: string }): void {
    const told = message as ServerMessage | Incoming | { type: 'probe'; received?: number };
    if ('seq' in told) this.#seen.note(told);
    switch (told.type) {
      case 'welcome':
        return this.#welcome(told);
      case 'probe':
        return this.#outbox.taken(told.received ?? 0);
      case 'draining':
        return void (this.#retryAfterMs = told.retryAfterMs);
      case 'peer-joined':
        this.#members.joined(told);
        return this.emit('peer-joined', told);
      case 'peer-away':
        this.#members.away(told.memberId);
        return this.emit('peer-away', told);
      case 'peer-disconnected':
        this.#members.delete(told.memberId);
        this.#seen.forget(told.memberId);
        // The server says it again, after the last that came from it.
        if (this.#members.gone.has(told.memberId)) return;
        return this.emit('peer-disconnected', told);
      case 'chat':
      case 'private':
      case 'typing':
      case 'user-joined':
      case 'user-left':
        return this.emit(told.type, told);
      case 'error': {
        const { code, detail, seq } = told;
        const refused = this.#outbox.refused(seq);
        return this.emit('error', { code, detail, ...(refused && { message: refused }) });
      }
      default:
        if (typeof told.type !== 'string') return;
        if (told.type === 'control') this.#news(told);
        this.emit('message', told);
    }
  }

  /** What services tell a room comes from nobody in it; members may say what they like. */
  #news({ from, action, payload }: Extract<Incoming, { type: 'control' }>): void {
    if (from !== undefined && (from === this.#memberId || this.#members.has(from))) return;
    if (typeof payload !== 'object' || payload === null) return;
    if (action === 'room-assigned') this.emit('assigned', payload as SessionEvents['assigned']);
    if (action === 'room-migrated') this.emit('migrated', payload as SessionEvents['migrated']);
  }

  #ended(code: number, text: string): void {
    this.#link = undefined;
    // Without a welcome there is no place to come back to, and nothing counts as said.
    if (this.#wroteEarly) this.#outbox.restart(true);
    this.#wroteEarly = false;
    const now = performance.now();
    const wasOpen = this.#state === 'open';
    const held = wasOpen && now - this.#openedAtMs > STABLE_MS;
    // In the plain dialect those who are refused are open for a moment, too.
    const wasIn = held || (wasOpen && this.#isV1 === true);
    if (wasIn) this.#lastInAtMs = now;
    this.#failures = held ? 1 : this.#failures + 1;
    const decision = decide(
      {
        code,
        reason: text,
        failures: this.#failures,
        retryAfterMs: this.#retryAfterMs,
        wasMember: this.#lastInAtMs !== undefined && now - this.#lastInAtMs < GHOST_MS,
        hasFreshToken: typeof this.where.token === 'function' && wasIn,
      },
      this.options.backoff ?? {},
    );
    const lostForMs = now - (this.#lastInAtMs ?? this.#openedAtMs);
    if (!decision.retry) this.#finish({ reason: decision.reason, code, text });
    else if (lostForMs + decision.waitMs > (this.options.giveUpAfterMs ?? Infinity)) {
      this.#finish({ reason: 'gave-up', code, text });
    } else this.#wait(decision.waitMs, decision.isPaced);
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

  #finish(closed: Closed): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#closed = closed;
    this.#link?.leave();
    this.#link = undefined;
    this.#ice.stop();
    this.#abort.abort();
    for (const unlisten of this.#unlisten) unlisten();
    this.#setState('closed');
    this.emit('closed', closed);
    this.removeListeners();
  }
}
