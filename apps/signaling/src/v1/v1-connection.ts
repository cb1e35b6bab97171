import type { ErrorCode } from '@parley/protocol';
import { closes, type Close } from '@parley/protocol';
import type { RawData } from 'ws';
import { Connection, type Identity } from '../member/connection.js';
import type { Frame } from '../member/inbox.js';
import type { Room } from '../room/room.js';
import { membersOf } from './audience.js';
import { parseV1Message, readResume, type V1Message } from './parse.js';
import { readResumeToken } from './resume-token.js';
import { V1Member } from './v1-member.js';

/** A client that resumes says at once what it has seen. */
const SEEN_TIMEOUT_MS = 10_000;

/** The ping that follows a welcome: who answers it has got that. */
const WELCOME_PING = 'welcome';

/** The one that follows what has to be known to be heard. */
const HEARD_PING = 'heard';

/** With these a client says that it will not come back: it is done, it leaves the page, it said nothing else. */
const FAREWELLS = [1000, 1001, 1005];

/** After these it may be back although nobody may come back just so: it is already, or with another token of its user. */
const RETURNS: readonly Close[] = [closes.resumedElsewhere, closes.unauthorized];

/** One WebSocket that speaks `parley.v1`. */
export class V1Connection extends Connection {
  declare readonly member: V1Member;
  #onFirst: ((frame: Frame) => boolean) | undefined;
  #confirm: (() => void) | undefined;
  #heard: ((isHeard: boolean) => void) | undefined;
  #closedWith: Close | undefined;
  #isWelcomed = false;
  #stopReading: (() => void) | undefined;

  protected override createMember({ isBrowser }: Identity): V1Member {
    return new V1Member(isBrowser, this);
  }

  /**
   * What a client that resumes has seen comes first.
   * @param token what came as `?resume=`
   */
  readSeen(token: string): Promise<void> {
    const presented = readResumeToken(token);
    return new Promise((resolve) => {
      const timeout = setTimeout(() => this.close(closes.malformedRequest), SEEN_TIMEOUT_MS);
      this.#stopReading = () => {
        clearTimeout(timeout);
        resolve();
      };
      this.#onFirst = (frame) => {
        this.#onFirst = undefined;
        clearTimeout(timeout);
        const seen = frame && readResume(frame.toString('utf8'));
        if (presented && seen) this.member.returning = { ...presented, seen };
        resolve();
        return seen !== undefined;
      };
    });
  }

  override end(): void {
    this.#stopReading?.();
    this.#heard?.(false);
    super.end();
  }

  protected override receive(data: RawData, isBinary: boolean): void {
    if (this.#onFirst?.(isBinary ? undefined : (data as Buffer))) return;
    super.receive(data, isBinary);
  }

  override joined(room: Room): void {
    this.#isWelcomed = true;
    super.joined(room);
    if (this.isOver || this.socket.readyState !== this.socket.OPEN) return;
    this.#confirm = () => room.confirmToken(this.member);
    this.socket.ping(WELCOME_PING);
  }

  override pong(payload: Buffer): void {
    super.pong(payload);
    if (payload.toString('latin1') === HEARD_PING) this.#heard?.(true);
    if (!this.#confirm || payload.toString('latin1') !== WELCOME_PING) return;
    this.#confirm();
    this.#confirm = undefined;
  }

  /** Whether the client gets what it was told so far; false once the connection is over. */
  #isHeard(): Promise<boolean> {
    if (this.isOver || this.socket.readyState !== this.socket.OPEN) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#heard = resolve;
      this.socket.ping(HEARD_PING);
    });
  }

  override close(close: Close): void {
    this.#closedWith ??= close;
    if (close === closes.draining && this.#isWelcomed) {
      this.member.tell({ type: 'draining', retryAfterMs: this.context.retryAfterMs() });
    }
    super.close(close);
  }

  /** Whoever may come back is away; a clean goodbye, and a close after which nobody may come back, is a leave. */
  protected override depart(room: Room, code: number): void {
    const isOver = this.#closedWith
      ? this.#closedWith.reconnect === 'terminal' && !RETURNS.includes(this.#closedWith)
      : FAREWELLS.includes(code);
    if (isOver) room.leave(this.member);
    else room.goesAway(this.member);
  }

  protected override take(frame: Frame, room: Room): void {
    // Its place is another connection's by now, which sends this again.
    if (!room.holds(this.member)) return;
    const parsed = parseV1Message(frame?.toString('utf8'));
    if (!parsed.ok) {
      this.context.metrics.schemaRejects.inc();
      this.#tellError('invalid-message', parsed.detail);
      return;
    }
    this.#act(parsed.message, room);
  }

  #act(message: V1Message, room: Room): void {
    const { member } = this;
    if (message.kind === 'resume') {
      this.#tellError('invalid-message', 'resume: only right after the connection is open, with ?resume=');
      return;
    }
    if (message.kind === 'typing') {
      room.v1.typists.say(member.id, message.state);
      return;
    }
    const n = message.seq ?? Math.max(member.sent, member.floor) + 1;
    // It was taken before: the client sends again what it does not know to have arrived.
    if (n <= member.sent) return;
    if (message.kind === 'chat') {
      this.holdUntil(this.#chat(room, n, message.text));
      return;
    }
    member.sent = n;
    if (message.kind === 'private') this.#whisper(room, n, message);
    else this.#relay(room, n, message);
  }

  async #chat(room: Room, n: number, text: string): Promise<void> {
    const isTaken = await room.v1.chat(this.member, n, text);
    if (!isTaken) {
      this.#tellError('unavailable', 'chat: it could not be passed on; say it again later', n);
      if (!(await this.#isHeard())) {
        // Its sender does not know: it counts as not taken, with all after it, and is sent again after a resume.
        this.dropWaiting();
        return;
      }
    }
    this.member.sent = n;
  }

  #whisper(room: Room, n: number, { toUser, text }: Extract<V1Message, { kind: 'private' }>): void {
    const { id, userId } = this.member;
    if (userId === undefined) {
      this.#tellError('auth-required', 'private: only who joined with a token that names a user', n);
    } else if (room.v1.hasUser(toUser, id)) {
      const said = { type: 'private', from: id, seq: n, fromUser: userId, text, at: Date.now() };
      const line = JSON.stringify(said);
      room.relayNumbered({ from: id, n, text: line, to: membersOf(toUser) }, line);
    } else {
      this.#tellError('user-not-here', `toUser: ${toUser} is not in this room`, n);
    }
  }

  #relay(room: Room, n: number, { type, text, to }: Extract<V1Message, { kind: 'relayed' }>): void {
    const { member } = this;
    if (to !== undefined && (to === member.id || !room.hasMember(to))) {
      this.#tellError('unknown-member', `to: ${to} is not another member of this room`, n);
      return;
    }
    room.relayNumbered({ from: member.id, n, text, ...(to !== undefined && { to }) }, text);
    if (type === 'offer') room.showEvidence(member, 'offered');
    if (type === 'answer') room.showEvidence(member, 'answered');
  }

  protected override tellLimited(): void {
    this.#tellError('rate-limited', 'messages were dropped because of a limit');
  }

  /** @param seq number of the message that it is about, where that is used up */
  #tellError(code: ErrorCode, detail: string, seq?: number): void {
    this.member.tell({ type: 'error', code, detail, ...(seq !== undefined && { seq }) });
  }
}
