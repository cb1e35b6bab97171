import type { IceAnswer, IceServer } from '@parley/protocol';
import type { Closed } from '../session/events.js';
import { connect } from '../session/connect.js';
import type { Session } from '../session/session.js';
import { backoffMs } from '../util/backoff.js';
import type { Assignment, HostOptions } from './options.js';
import { Peers, type PeersParts } from './peers.js';

/** What a room that a streaming host is in needs and tells. */
export interface HostRoomParts extends PeersParts {
  readonly roomId: string;
  readonly options: HostOptions;
  readonly iceServers: readonly IceServer[];
  /** The last token that the matchmaker gave. */
  token(): string | undefined;
  refreshIce?: ((signal: AbortSignal) => Promise<IceAnswer>) | undefined;
  /** In the room. */
  entered(): void;
  /** Somebody came or went. */
  changed(): void;
  /** A gateway gave the host another room; told in its own one. */
  assigned(assignment: Assignment): void;
}

/** A terminal close is final for the same request, but a host's room may be free again later. */
const AGAIN_MS = 2_000;

/** A room that a streaming host is in: it answers whoever offers, and comes back whatever happens. */
export class HostRoom {
  #session: Session;
  #peers: Peers;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(private readonly parts: HostRoomParts) {
    [this.#session, this.#peers] = this.#enter();
  }

  /** Who plays here. */
  get players(): number {
    return this.#peers.players;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#session.close();
    this.#peers.close();
  }

  #enter(): [Session, Peers] {
    const { parts } = this;
    const { roomId, options, iceServers, refreshIce } = parts;
    const token = () => parts.token() as string;
    const where = {
      roomId,
      signalingUrl: options.signalingUrl,
      iceServers,
      ...(parts.token() !== undefined && { token }),
    };
    const session = connect(where, { ...options.connect, refreshIce });
    const entered = () => {
      this.#failures = 0;
      parts.entered();
    };
    session.on('welcome', entered);
    session.on('plain', entered);
    for (const event of ['welcome', 'peer-joined', 'peer-disconnected'] as const)
      session.on(event, () => parts.changed());
    session.on('assigned', (assignment) => parts.assigned(assignment));
    session.on('error', ({ code, detail }) => parts.failed(new Error(`room ${roomId}: ${code}: ${detail}`)));
    session.on('closed', (closed) => this.#closed(closed));
    return [session, new Peers(session, parts)];
  }

  #closed({ reason, code, text }: Closed): void {
    if (reason === 'closed' || reason === 'aborted') return;
    this.parts.failed(new Error(`room ${this.parts.roomId}: ${reason} (${code ?? ''} ${text ?? ''})`));
    this.#failures += 1;
    this.#timer = setTimeout(
      () => {
        this.#peers.close();
        [this.#session, this.#peers] = this.#enter();
      },
      AGAIN_MS + backoffMs(this.#failures, { firstMs: AGAIN_MS, maxMs: 30_000 }),
    );
  }
}
