import type { ClientMessage, IceServer, Peer, ServerMessage } from '@parley/protocol';
import { Emitter } from '../util/emitter.js';
import { Connector } from './connector.js';
import type { Closed, Incoming, SessionEvents, SessionState } from './events.js';
import { IceKeeper } from './ice-keeper.js';
import type { ConnectOptions, Where } from './options.js';
import { Place, type WelcomeMessage } from './place.js';
import { isNews, isSound } from './sound.js';

/**
 * What became of a message: `sent` – written to a connection; `waiting` – it goes out, in order, when there is one;
 * `refused` – too much waits already, the session is closed, or the server's dialect has no such message.
 */
export type Sent = 'sent' | 'waiting' | 'refused';

/**
 * A member of a room, whatever happens to its connections: it reconnects by the protocol's policy, resumes where the
 * server keeps its place, and sends again what got lost on the way. Made by {@link connect}.
 */
export class Session extends Emitter<SessionEvents> {
  readonly roomId: string;
  readonly #place: Place;
  readonly #ice: IceKeeper;
  readonly #connector: Connector;
  #closed: Closed | undefined;
  #entrances = 0;
  #wroteEarly = false;

  constructor(where: Where, options: ConnectOptions) {
    super();
    this.roomId = where.roomId;
    this.#connector = new Connector({
      where,
      options,
      resumeToken: () => this.#place.resumeToken,
      state: (state, retryInMs) => {
        if (state === 'open') this.#ice.check();
        this.emit('state', { state, ...(retryInMs !== undefined && { retryInMs }) });
      },
      opened: (isV1) => this.#opened(isV1),
      received: (message) => this.#received(message),
      lost: () => this.#lost(),
      closed: (closed) => this.#finished(closed),
    });
    this.#place = new Place(options.outbox);
    this.#ice = new IceKeeper(
      where.iceServers ?? [],
      options.refreshIce,
      (servers) => this.emit('ice-servers', servers),
      (error) => this.emit('error', { code: 'ice-refresh-failed', detail: String(error) }),
    );
    this.#connector.start();
  }

  get state(): SessionState {
    return this.#connector.state;
  }

  /** Why it is over, once it is. */
  get closed(): Closed | undefined {
    return this.#closed;
  }

  /** Its name in the room; undefined before the first welcome, and in the plain dialect. */
  get memberId(): string | undefined {
    return this.#place.memberId;
  }

  /** The other members, by `memberId`; empty in the plain dialect. */
  get members(): ReadonlyMap<string, Peer> {
    return this.#place.members;
  }

  /** Whoever had left when we came back: what still comes from it was said before. */
  get gone(): ReadonlySet<string> {
    return this.#place.members.gone;
  }

  /** Undefined before the first connection. */
  get dialect(): 'parley.v1' | 'plain' | undefined {
    const { isV1 } = this.#connector;
    if (isV1 === undefined) return undefined;
    return isV1 ? 'parley.v1' : 'plain';
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
    if (this.state !== 'open' || !this.#connector.isV1) return 'refused';
    this.#connector.write(JSON.stringify({ type: 'typing', state }));
    return 'sent';
  }

  /** Give up the present connection as if the network had failed, and come back at once. */
  reconnect(): void {
    this.#connector.reconnect();
  }

  /** Leave the room for good. */
  close(): void {
    this.#connector.finish({ reason: 'closed' });
  }

  #sendV1(message: object): Sent {
    return this.#connector.isV1 === false ? 'refused' : this.#send(message);
  }

  #send(message: object): Sent {
    if (this.state === 'closed' || !this.#place.outbox.add(message)) return 'refused';
    if (this.state !== 'open' && !this.#wroteEarly) return 'waiting';
    this.#flush();
    return 'sent';
  }

  #flush(): void {
    // A listener of what comes before it may have ended the connection.
    if (this.state !== 'open' && !this.#wroteEarly) return;
    const { isHalfFull } = this.#place.outbox;
    const { isV1 } = this.#connector;
    this.#place.outbox.flush(this.#connector.write, isV1 === true);
    if (isV1 && !isHalfFull && this.#place.outbox.isHalfFull) this.#connector.probe();
  }

  #opened(isV1: boolean): void {
    if (!isV1) {
      this.#isIn();
      this.emit('plain', { isReturn: this.#entrances > 1 });
      this.#flush();
    } else if (this.#place.resumeToken !== undefined) {
      this.#connector.write(JSON.stringify({ type: 'resume', seen: this.#place.seen }));
    } else {
      // Nothing has to be waited for: an offer leaves in the tick of open.
      this.#wroteEarly = true;
      this.#flush();
    }
  }

  #isIn(): void {
    this.#entrances += 1;
    this.#connector.isIn();
  }

  #welcome(message: WelcomeMessage): void {
    const { welcome, missed, isComplete } = this.#place.enter(message);
    this.#wroteEarly = false;
    if (!isComplete) {
      const detail = 'more was sent than is kept';
      this.emit('error', { code: 'messages-lost', detail });
    }
    this.#isIn();
    this.emit('welcome', welcome);
    // Nobody told us meanwhile, also where no message was missed.
    if (welcome.isReturn) for (const [name, event] of missed) this.emit(name, event);
    this.#flush();
  }

  #received(message: Record<string, unknown>): void {
    if (!isSound(message, this.#connector.isV1 === true)) return;
    const told = message as ServerMessage | Incoming | { type: 'probe'; received?: number };
    const { members, outbox, seen } = this.#place;
    if ('seq' in told) seen.note(told);
    switch (told.type) {
      case 'welcome':
        return this.#welcome(told);
      case 'probe':
        return outbox.taken(told.received ?? 0);
      case 'draining':
        return this.#connector.pace(told.retryAfterMs);
      case 'error':
        return this.#refused(told);
      case 'peer-joined':
        members.joined(told);
        break;
      case 'peer-away':
        members.away(told.memberId);
        break;
      case 'peer-disconnected':
        members.delete(told.memberId);
        seen.delete(told.memberId);
        // The server says it again, after the last that came from it.
        if (members.gone.has(told.memberId)) return;
        break;
      case 'control':
        this.#news(told);
    }
    this.emit(isNews(told.type) ? told.type : 'message', told as never);
  }

  #refused({ code, detail, seq }: Extract<ServerMessage, { type: 'error' }>): void {
    const message = this.#place.outbox.refused(seq);
    this.emit('error', { code, detail, ...(message && { message }) });
  }

  /** What services tell a room comes from nobody; members may say what they like. */
  #news({ from, action, payload }: Extract<Incoming, { type: 'control' }>): void {
    if (from !== undefined || typeof payload !== 'object' || payload === null) return;
    if (action === 'room-assigned') this.emit('assigned', payload as SessionEvents['assigned']);
    if (action === 'room-migrated') this.emit('migrated', payload as SessionEvents['migrated']);
  }

  #lost(): void {
    // Without a welcome there is no place to come back to, and nothing counts as said.
    if (this.#wroteEarly) this.#place.outbox.restart(true);
    this.#wroteEarly = false;
  }

  #finished(closed: Closed): void {
    this.#closed = closed;
    this.#ice.stop();
    this.emit('state', { state: 'closed' });
    this.emit('closed', closed);
    this.removeListeners();
  }
}
