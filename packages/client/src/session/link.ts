import type { PARLEY_V1 as Dialect } from '@parley/protocol';
import { openSocket, type Socket, type WebSocketClass } from './websocket.js';
import { Liveness, type LivenessTimes } from './liveness.js';

/** What a link tells; nothing after `ended`. */
export interface LinkEvents {
  opened(isV1: boolean): void;
  received(message: Record<string, unknown>): void;
  ended(code: number, reason: string): void;
}

/** What a link is made of. */
export interface LinkOptions {
  readonly WebSocket: WebSocketClass;
  readonly url: string;
  /** Offer `parley.v1`. */
  readonly offersV1: boolean;
  readonly liveness: LivenessTimes;
  /** Longest time until {@link Link.isWelcome}, ms. */
  readonly connectTimeoutMs: number;
}

// Written out so that no schema comes along with it; its type holds it to the protocol's.
const PARLEY_V1: typeof Dialect = 'parley.v1';

/** As from a network that failed (RFC 6455 §7.1.5). */
const ABNORMAL = 1006;

/** Asks the server for any answer; nobody else sees it. */
const PROBE = JSON.stringify({ type: 'probe' });

/** One connection, with what notices that it hangs. */
export class Link {
  readonly #socket: Socket;
  #isV1 = false;
  readonly #liveness: Liveness;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #probes = 0;

  /** @throws SyntaxError for a URL that WebSocket does not take */
  constructor(
    { WebSocket, url, offersV1, liveness, connectTimeoutMs }: LinkOptions,
    private readonly events: LinkEvents,
  ) {
    this.#liveness = new Liveness(
      liveness,
      () => this.probe(),
      () => this.fail('no answer'),
    );
    this.#socket = openSocket(WebSocket, url, offersV1 ? [PARLEY_V1] : [], {
      opened: (protocol) => {
        this.#isV1 = protocol === PARLEY_V1;
        events.opened(this.#isV1);
      },
      received: (text) => this.#received(text),
      closed: (code, reason) => {
        this.#stop();
        events.ended(code, reason);
      },
    });
    this.#timer = setTimeout(() => this.fail('no welcome in time'), connectTimeoutMs);
  }

  /** It is in its room: from now on silence is suspicious. */
  isWelcome(): void {
    clearTimeout(this.#timer);
    this.#liveness.start();
  }

  write = (text: string): void => this.#socket.send(text);

  /** Ask the server for an answer, whatever it says: it comes after all that was written before. */
  probe(): void {
    this.#probes += 1;
    this.write(PROBE);
  }

  /** The network may have changed. */
  check(): void {
    this.#liveness.check();
  }

  /** Leave the room. */
  leave(): void {
    this.#stop();
    this.#socket.leave();
  }

  /** Let go of the connection without a goodbye, as if the network had failed. */
  fail(reason: string): void {
    this.#stop();
    this.#socket.abandon();
    this.events.ended(ABNORMAL, reason);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#liveness.stop();
  }

  #received(text: string): void {
    this.#liveness.heard();
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (typeof message !== 'object' || message === null) return;
    const found = message as Record<string, unknown>;
    if (this.#probes > 0 && isProbeAnswer(found, this.#isV1)) {
      this.#probes -= 1;
      this.events.received({ ...found, type: 'probe' });
    } else this.events.received(found);
  }
}

/**
 * Servers that do not know probes say so, and that is an answer, too: it names the type as what is wrong. What members say
 * is none, and has a sender.
 */
function isProbeAnswer(message: Record<string, unknown>, isV1: boolean): boolean {
  const { type, code, action, detail, from } = message;
  if (from !== undefined) return false;
  if (type === 'probe') return true;
  if (!isV1) return type === 'control' && action === 'schema-error';
  return type === 'error' && code === 'invalid-message' && String(detail).startsWith('type:');
}
